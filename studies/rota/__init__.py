"""A fairer rota: proposed by an optimiser, then tried against today's in the simulator.

`problem` says what a rota must keep to and what makes one unfair, `solving` finds the fairest with CP-SAT (the optional
extra `optimise`), `arrivals` says when pages come, `trial` plays weeks of them through a rota and `comparison` puts two
rotas side by side under the same pages.
"""
