import pytest

from pipeline.core.engines import EngineSpec, Registry
from pipeline.core.errors import EngineMissing, UnknownName


def spec(name, **changes):
    values = {
        "module": "tests.core.engines_for_tests",
        "description": "",
        "languages": ("en",),
        "licence": "",
        "weights": "",
    }
    return EngineSpec(name=name, **(values | changes))


absent = spec("absent", packages=("no_such_package",), extra="full")
ready = spec("ready", packages=("json",))
chinese = spec("chinese", languages=("zh",), packages=("json",))
any_language = spec("any", languages=())


def registry(*specs):
    return Registry("transcription", "--asr", specs)


def test_auto_takes_the_first_engine_that_is_ready():
    assert registry(absent, ready, chinese).choose() is ready


@pytest.mark.parametrize(
    ("language", "chosen"), [("en", ready), ("en-GB", ready), ("zh", chinese), ("ZH", chinese), ("auto", any_language)]
)
def test_auto_minds_the_language(language, chosen):
    assert registry(absent, ready, chinese, any_language).choose("auto", language) is chosen


def test_an_unknown_name_lists_the_choices():
    with pytest.raises(UnknownName, match="auto, absent, ready"):
        registry(absent, ready).choose("redy")


def test_a_missing_package_says_the_line_to_run():
    with pytest.raises(EngineMissing, match=r"pip install '\.\[full\]'"):
        registry(absent, ready).choose("absent")


def test_a_language_that_an_engine_lacks():
    with pytest.raises(UnknownName, match="has no language 'en'"):
        registry(chinese).choose("chinese", "en")


def test_nothing_ready_tells_why():
    with pytest.raises(EngineMissing, match="no_such_package"):
        registry(absent).choose()


def test_two_engines_of_one_name_are_refused_at_once():
    with pytest.raises(ValueError, match="one name"):
        registry(ready, ready)


def test_create_passes_settings_and_explains_a_failed_import():
    engines = registry(ready, spec("broken", create="broken", extra="full"))
    assert engines.create(ready, threads=3) == {"threads": 3}
    with pytest.raises(EngineMissing, match=r"\[full\]"):
        engines.create(engines.find("broken"))


sized = spec("sized", variants=("tiny", "base"), aliases=("sized-tiny",))
foldered = spec("foldered", variants=("tiny",), folders=True, ready="wanting")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("sized", "sized"),
        ("Sized:Base", "sized:base"),
        ("sized-tiny", "sized"),
        ("foldered:tiny", "foldered:tiny"),
        ("foldered:/A/Folder:1", "foldered:/A/Folder:1"),
        ("foldered:Owner/Model", "foldered:Owner/Model"),
    ],
)
def test_a_variant_follows_the_first_colon(name, label):
    assert registry(sized, foldered).find(name).label == label


@pytest.mark.parametrize("name", ["sized:huge", "sized:", "sized:/folder", "foldered:huge", "ready:tiny"])
def test_an_unknown_variant_lists_the_choices(name):
    engine = registry(sized, foldered, ready).specs
    choices = {
        "sized": "sized, sized:tiny, sized:base",
        "foldered": "foldered:tiny, foldered:/FOLDER",
        "ready": "ready",
    }
    with pytest.raises(UnknownName, match=rf"{choices[name.partition(':')[0]]}\."):
        Registry("transcription", "--asr", engine).choose(name)


def test_create_and_readiness_are_told_the_variant():
    engines = registry(sized, foldered)
    assert engines.create(engines.choose("sized"), threads=1) == {"threads": 1}
    assert engines.create(engines.choose("sized:base"), threads=1) == {"threads": 1, "variant": "base"}
    assert engines.choose("foldered:/a/b").missing() == ""
    with pytest.raises(EngineMissing, match="foldered:tiny is not ready: tiny wanted"):
        engines.choose("foldered:tiny")


def test_two_engines_of_one_alias_are_refused_at_once():
    with pytest.raises(ValueError, match="one name"):
        registry(sized, spec("sized-tiny"))
