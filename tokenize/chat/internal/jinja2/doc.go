// Package jinja2 renders Jinja chat templates as Python's transformers library
// does: jinja2's immutable sandbox with trim_blocks, lstrip_blocks, break and
// continue, and {% generation %} blocks.
//
// The engine is ardanlabs/jinja, which is made for chat templates and fast, and
// differs from Python in many details: what white space a tag takes, what an
// undefined value does, how None, numbers and dictionaries print, which variables
// a loop leaves behind. So a template is read here by jinja2's own grammar and
// written again in the part of the language in which the engine is exact: every
// text is a literal, every variable has a name that belongs to one scope, and
// every operator, filter, test and method is a call of a function of this package
// with Python's behaviour. What Python refuses is an error here too; what this
// package does not know is an error when the template is compiled.
//
// A rendering ends with an error when it takes too many steps, makes too much
// text or calls macros too deeply, and a panic of the engine is an error.
package jinja2
