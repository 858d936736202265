"""What is read sign by sign: telephone numbers, codes, addresses, number plates, rooms and flights."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.chinese.numerals import read_code, read_digits, read_integer
from pipeline.frontend.chinese.rules import rule
from pipeline.frontend.tables import read_table

__all__ = ["ADDRESSES", "CODES"]

_SPELT: Final = read_table(__package__, "address_signs")
"""Signs of addresses to their names."""
_LONG_CODE: Final = 3
"""Digits from which those of an address are read as a code, with 幺."""

_IN_ADDRESS: Final = r"[A-Za-z0-9._~:/?#@!$&*+,;=%-]"
_DOMAIN: Final = r"(?:[A-Za-z0-9-]+\.)+"
_TOP: Final = r"(?:com|cn|net|org|edu|gov|io|cc|tv|top|info|co|me|ai|hk|tw|uk|jp)(?![A-Za-z0-9-])"
_FILE: Final = (
    r"docx?|xlsx?|pptx?|pdf|txt|csv|json|yaml|xml|html?|js|py|java|md|exe"
    r"|zip|rar|gz|jpe?g|png|gif|svg|mp3|mp4|wav|flac|avi|mkv"
)
_PROVINCE: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_NAMED: Final = (
    "编号|订单号?|单号|号码|证号|账号|帐号|卡号|学号|工号|邮编|邮政编码|密码|口令|验证码|代码|房号|房间号|车牌号?|QQ号?|微信号?|端口号?|特工|代号"
    "|批号|流水号|尾号|区号|序列号|股票代码|身份证号?码?"
)
"""Words after which digits are a code."""
_CALLED: Final = "拨打?|客服|短信到|短信至|发送到|致电|呼叫|热线|电话|手机|座机|传真|分机|火警|报警|急救"
_IS: Final = r"(?:号码?|[是为:：\s]){0,3}"


def spell(text: str) -> str:
    """Read an address sign by sign: letters stay, digits and signs are named."""
    return re.sub(r"\d+|[^\w]|_", _spelt, text, flags=re.ASCII)


def _spelt(match: re.Match[str]) -> str:
    if match[0].isdigit():
        return read_code(match[0]) if len(match[0]) >= _LONG_CODE else read_digits(match[0])
    return _SPELT.get(match[0], match[0])


def _address(match: re.Match[str]) -> str:
    text = match[0].rstrip(".,;:!?")
    return spell(text) + match[0][len(text) :]


def _code(match: re.Match[str]) -> str:
    return re.sub(r"[\d -]+$", lambda code: read_code(re.sub(r"\D", "", code[0])), match[0])


def _telephone(match: re.Match[str]) -> str:
    return ("加" if match[0][0] == "+" else "") + read_code(re.sub(r"\D", "", match[0]))


def _digits(match: re.Match[str]) -> str:
    return re.sub(r"\d", lambda digit: read_code(digit[0]), match[0])


def _sign_by_sign(match: re.Match[str]) -> str:
    return _SPELT.get(match[0]) or read_code(match[0])


def _discount(match: re.Match[str]) -> str:
    return read_digits(match[0]) if match[2] != "0" else read_integer(match[0])


def _plate(match: re.Match[str]) -> str:
    return re.sub(r"[·•・\s]", "", _digits(match))


def _version(match: re.Match[str]) -> str:
    return "点".join(read_integer(part) for part in match[0].split("."))


def _after_letters(match: re.Match[str]) -> str:
    digits = match[1]
    return read_code(digits) if len(digits) >= _LONG_CODE or digits[0] == "0" else read_integer(digits)


ADDRESSES: Final = (
    rule(rf"(?:https?|ftp)://{_IN_ADDRESS}+|www\.{_IN_ADDRESS}+", _address),
    rule(rf"(?<![\w.+-])[A-Za-z0-9][\w.+-]*@{_DOMAIN}[A-Za-z]{{2,}}", _address),
    rule(rf"(?<![\w.@]){_DOMAIN}{_TOP}(?:/{_IN_ADDRESS}*)?", _address),
    rule(r"(?<![A-Za-z])[A-Za-z]:\\[\w.\\ -]*[\w\\]", _address),
    rule(r"(?<![\w/.])(?:~(?:/[\w.-]+)+|(?:/[\w.-]+){2,})/?", _address),
    rule(rf"(?<![\w.])[\w-]*\.(?:{_FILE})(?![A-Za-z0-9])", _address),
    rule(r"(?<=[㐀-鿿])\.(?=[A-Za-z]{2,5}(?![A-Za-z]))", "点"),
    rule(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\d.])", lambda m: spell(_digits(m))),
)
"""Addresses of the web, of mail, of files and of machines."""

CODES: Final = (
    rule(r"(?<![\d.])\d+(?:\.\d+){2,}", _version),
    rule(rf"[{_PROVINCE}][A-Z][·•・\s]?[A-Z0-9]{{5,6}}(?![A-Za-z0-9])", _plate),
    rule(
        r"(?<![\d+])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\d.人个元美])"
        r"|\+\d{1,3}(?:[- ]?\(?\d{2,4}\)?){2,4}(?!\d)"
        r"|\(?(?<!\d)0\d{2,3}[)-]?[- ]?\d{3,4}[- ]?\d{4}(?!\d)|(?<!\d)[48]00[- ]\d{3}[- ]?\d{4}(?!\d)",
        _telephone,
    ),
    rule(rf"(?:{_NAMED}){_IS}\d{{3,}}(?:[ -]\d{{2,}})*(?![.%]\d|[%元])", _code),
    rule(r"(?<=\d)\s?转\s?\d{2,6}(?![\d.])", lambda m: _digits(m)),
    rule(rf"(?:{_CALLED}){_IS}\d{{3,}}(?:[ -]\d{{2,}})*(?![\d.%个次元块])", _code),
    rule(
        r"(?:(?<=微信)|(?<=微信号)|(?<=账号)|(?<=帐号)|(?<=用户名)|(?<=号[是为:：]))[A-Za-z]\w*\d\w*",
        lambda m: re.sub(r"[\d_]", _sign_by_sign, m[0]),
    ),
    rule(r"(?<![\d.])(\d)(\d)(?=折(?!线|[叠合断扣射]))", _discount),
    rule(r"打(?:11[0-9]|12[0-2]|1[02]\d{3}|95\d{3})(?![\d.%个次元块分下])", _code),
    rule(r"(?<!\d)\d{3,6}(?=报警|热线|急救|火警)|(?<=[给向])\d{3,}(?=打|拨|发短信)", _digits),
    rule(r"(?<!\d)(?:[2-9]\d{3}-\d{4})(?![\d年元个人])(?<![12][09]\d\d-[12][09]\d\d)", _telephone),
    rule(
        r"(?:(?<=房间)|(?<=会议室)|(?<=教室)|(?<=病房)|(?<=宿舍)|(?<=包间))\d{3,4}(?![\d.,，个间人名元块平])", _digits
    ),
    rule(r"(?<!\d)\d{3,4}(?=(?:号房|房间|病房|教室|宿舍|室|房(?![子价贷租]))|次(?:列车|航班|动车|高铁))", _digits),
    rule(r"(?<=单元)\d{3,4}(?![\d.个人元户])|(?<=[楼层座栋])\d{3,4}(?![\d.个人元户])", _digits),
    rule(r"(?<![A-Za-z])[A-Z][A-Z0-9]?\d{3,4}(?=次)|航班号?\s?[A-Z][A-Z0-9]\d{3,4}", _digits),
    # A seat: 02A座.
    rule(
        r"(?<![\w.])(\d{1,3})(?=[A-Z][座号栋幢室口])",
        lambda m: read_digits(m[1]) if m[1][0] == "0" else read_integer(m[1]),
    ),
    rule(r"(?:波音|空客)\s?\d{3}", _digits),
    rule(r"(?<!\d)(?:985|211)(?=高校|大学|院校|工程|、|/|和|毕业)|(?<!\d)996(?=工作制|加班|模式)", _digits),
    rule(r"(?<!\d)(?:360|480|720|1080|1440|2160)(?=[pPi](?![A-Za-z]))", _digits),
    rule(r"(?<!\d)\d{3}(?=大促|购物节)", _digits),
    rule(r"(?<![A-Za-z])(?:ISO|IEC|IEEE|RFC|GB(?:/T)?)\s?\d+(?:[-:]\d+)*", lambda m: spell(_digits(m))),
    rule(r"(?:(?<=[歼运轰直])|(?<=东风|长征|神舟|嫦娥|天宫|红旗|鹰击|米格))-(\d{1,2})(?!\d)", _after_letters),
    rule(r"(?<=[A-Z][A-Z])-(\d{1,4})(?!\d)|(?<=[A-Z])-(?=\d)", lambda m: _after_letters(m) if m[1] else ""),
    rule(r"(?<=[A-Za-z])(?<!\d[xX])(\d+)(?![.,]?\d)", _after_letters),
    rule(r"(?<![\d-])\d+(?:-\d+){2,}(?![\d-])", lambda m: "杠".join(map(read_digits, m[0].split("-")))),
    rule(r"(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])", "下划线"),
)
"""From versions to letters with digits."""
