"""Chinese: text normalisation, pinyin, tone sandhi."""
