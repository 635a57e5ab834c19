package assertions

import "context"

// Over judges a budget or an identity over a part of its window, and reports false for any other kind. The
// check is as if the window were no longer than that: delivery and taint are not looked at.
func Over(ctx context.Context, e Evidence, a Assertion, part Window) (Check, bool) {
	switch a := a.(type) {
	case *Budget:
		part.Name = a.In.Value
	case *Identity:
		part.Name = Run
	default:
		return Check{}, false
	}
	return check(ctx, underWay{e, part}, a), true
}
