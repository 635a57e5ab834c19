package hit

import "brrtload/scenarios"

// checking begins the Kind of an answer that failed a check; the check's name follows.
const checking = "check "

// Keep appends a piece of a body that is checked to what is kept of it.
func Keep(body, piece []byte) []byte {
	room := max(0, scenarios.MaxChecked-len(body))
	return append(body, piece[:min(len(piece), room)]...)
}

// Check looks at a whole answer with an expected status, and notes the first check that it fails.
func (r *Result) Check(h *scenarios.Hit, header func(name string) (string, bool), body []byte) {
	if r.Outcome != Answered || !h.Request.Expects(r.Status) {
		return
	}
	if name := h.Request.Fails(scenarios.Answer{Header: header, Body: body, Bytes: r.BytesIn}); name != "" {
		r.Kind, r.Excerpt = Kind(checking+name), string(body[:min(len(body), ExcerptBytes)])
	}
}

// Wanted reports whether a hit was answered as the scenario wants.
func (r *Result) Wanted(h *scenarios.Hit) bool {
	return r.Outcome == Answered && r.Kind == NoTrouble && h.Request.Expects(r.Status)
}
