"""The load of on-call duty on people: pages, nights, weekends, and how unequally they are shared.

`inequality` and `pages` know timelines only and serve the measures too; `load` puts pages beside a schedule, `limits`
judges it and `past` reads pages of the past from a file.
"""
