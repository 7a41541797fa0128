"""Keeps what additive measures come to in each month and week, and reads it back.

`columns` says which measures are kept, `units` for which spans, `reach` what a change may move,
`filling` writes, `reading` answers; nothing but speed depends on any of it.
"""
