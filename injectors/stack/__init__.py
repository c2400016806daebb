"""The non-production stack that ships: a small shop of real parts as plain processes, in namespaces of its own.

layout       addresses and folders: all on the loopback of the stack's own network namespace
parts        what is started, in which order, and how it is known to be up
files        configuration of the parts, and the binding that names them as targets
supervisor   the process inside the namespaces that starts the parts and ends with them
shop, visitors, sink   the services, their users, the receiver of notifications
"""
