"""English: text normalisation, pronunciation, words as they are said."""
