"""What has a memory: queues, pauses between tries, circuit breakers, caches, autoscaling, ejection, shedding.

`simulator.estate.health` settles what follows at once; what stands here changes with time and is held constant while it
settles.  `dynamics` moves it on, a second at a time, and only while something is not at rest.
"""
