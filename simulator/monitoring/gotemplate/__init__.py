"""Go's text templates, interpreted: what alert annotations and notification templates are written in.

`Template.parse(text)` and `template.render(data, functions)`.  A template can do nothing but read the data it is
given and call the functions it is given: fields are read from mappings and from `Record`s only, never from Python
objects, so no text can reach anything else.

Source: the documentation of Go's packages `text/template` and `fmt`.
"""

from simulator.monitoring.gotemplate.errors import TemplateError
from simulator.monitoring.gotemplate.printing import go_format, go_string
from simulator.monitoring.gotemplate.template import Template
from simulator.monitoring.gotemplate.values import Record

__all__ = ["Record", "Template", "TemplateError", "go_format", "go_string"]
