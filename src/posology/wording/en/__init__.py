"""English: the words and the chunk grammar that turn directions into values.

Knows no machinery: tables only. The reader of `posology.wording.reading` is given them.
"""
