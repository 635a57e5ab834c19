// Package handlers has the operations of the bundled service.
//
// A handler is a function from a call to a response, run on a coroutine of its own; it never
// touches the connection. Every answer is a pure function of the call. [Catalogue] names them;
// package dispatch runs them.
package handlers

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"brrtload/targetsvc/internal/router"
)

// Func answers a call. It should return soon after the context is done; its answer is then dropped.
type Func func(context.Context, *Call) Response

// Call is a request as a handler sees it: matched, admitted, its body read.
type Call struct {
	Params router.Params
	Query  url.Values
	Header http.Header
	Body   []byte
}

// Response is a handler's answer, Length bytes long: Body, or what Stream writes while the answer
// is sent.
type Response struct {
	Status      int
	ContentType string
	Body        []byte
	Stream      func(io.Writer) error
	Length      int
}

// Handler is an operation by name.
type Handler struct {
	Name       string // the operationId
	Controller string // the file that has it
	Func       Func
	// enter calls a function from under one that has the handler's name.
	enter func(ctx context.Context, c *Call, run Func) Response
}

// Around returns the handler with another function in place of its own: its own with something
// around it. A stack of either has a function of the handler's name, such as enterListPets.
func (h Handler) Around(run Func) Handler {
	enter := h.enter
	h.Func = func(ctx context.Context, c *Call) Response { return enter(ctx, c, run) }
	return h
}

func whole(status int, contentType string, body []byte) Response {
	return Response{Status: status, ContentType: contentType, Body: body, Length: len(body)}
}

const jsonType = "application/json"

func answer(status int, value any) Response {
	body, err := json.Marshal(value)
	if err != nil {
		return Failure(http.StatusInternalServerError, "the answer cannot be written as JSON")
	}
	return whole(status, jsonType, append(body, '\n'))
}

// Failure returns an answer that says what went wrong.
func Failure(status int, message string) Response {
	return answer(status, struct {
		Error string `json:"error"`
	}{message})
}

func badRequest(message string) Response { return Failure(http.StatusBadRequest, message) }

func notFound(what string) Response { return Failure(http.StatusNotFound, "no such "+what) }

// id reads a path parameter that must be a positive number.
func id(c *Call, name string) (int, bool) {
	n, err := strconv.Atoi(c.Params.Get(name))
	return n, err == nil && n > 0
}

// number reads a query parameter that must be a whole number from least to most; an absent one is
// the fallback, unless that is out of range itself: then the parameter is required.
func number(c *Call, name string, fallback, least, most int) (int, bool) {
	n := fallback
	if text := c.Query.Get(name); text != "" || c.Query.Has(name) {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			return 0, false
		}
	}
	return n, n >= least && n <= most
}

const required = -1 // a fallback out of every range
