"""A table of one's own: CSV or TSV with the columns `text` and `emotion`; `speaker` and `part` where they are known."""

from __future__ import annotations

from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.training.corpora.labels import emotion_of
from pipeline.training.corpora.texts import LabelledText, rows_of, some

__all__ = ["read_table"]


def read_table(path: Path) -> tuple[LabelledText, ...]:
    """Read a table, or all tables of a folder; rows whose emotion is none of the eight are left out.

    Emotions are the words of `detect.py emotions`; several have commas between them.

    Raises:
        UsageError: There is no such table, a column is missing, or no row can be used.
    """
    tables = sorted(entry for entry in path.glob("*") if entry.suffix in (".csv", ".tsv")) if path.is_dir() else [path]
    texts = []
    for table in tables:
        for number, row in enumerate(rows_of(table, "\t" if table.suffix == ".tsv" else ","), start=1):
            if not {"text", "emotion"} <= row.keys():
                raise UsageError(f"{table} lacks the columns text and emotion.", hint="Name them in its first line.")
            found = (emotion_of("csv", word) for word in row["emotion"].split(","))
            emotions = tuple(dict.fromkeys(emotion for emotion in found if emotion))
            key = f"{table.stem}-{number}"
            if emotions and row["text"].strip():
                speaker = row.get("speaker") or key
                texts.append(LabelledText(row["text"], emotions, row.get("part", ""), f"csv-{speaker}", (), key))
    return some(texts, path, "text with an emotion", "Give a CSV file with the columns text and emotion.")
