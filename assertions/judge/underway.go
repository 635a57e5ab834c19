package judge

import "brrtload/internal/facts"

// underWay is evidence of which one window is not over yet.
type underWay struct {
	facts.Evidence
	window facts.Window
}

func (u underWay) Window(name string) (facts.Window, bool) {
	if name == u.window.Name {
		return u.window, true
	}
	return u.Evidence.Window(name)
}
