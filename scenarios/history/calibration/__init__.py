"""Calibration: the parameters of exercises, fitted to the incidents of the past, each with its interval.

    durations    families (`families`), what was observed of them (`observations`), what stretches them (`effects`),
                 and the fit by censored likelihood (`durations`); `cases` makes them of a history
    arrivals     the shape of the week (`seasons`), the level by week (`levels`), bursts (`dispersion`, `clustering`)
    transitions  hand-overs, reopenings and shares of services (`transitions`)

`fitting` does it all for a history, `model_file` writes it down and reads it, `proposals` says which recovery times the
past kept.  How well it foretells is the question of `studies.history_backtest`.
"""
