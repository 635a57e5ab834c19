package assertions

import "context"

// Over judges a budget or an identity over a part of its window, and reports false for any other kind. The
// check is as if the window were no longer than that: delivery and taint are not looked at.
func Over(ctx context.Context, e Evidence, a Assertion, part Window) (Check, bool) {
	about := a.About()
	if about.Limits == nil && about.Sides == nil {
		return Check{}, false
	}
	part.Name = about.Window
	return check(ctx, underWay{e, part}, a), true
}
