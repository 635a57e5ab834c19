package scenarios

// draw is what a template sees: values that depend on the seed and the hit's number alone.
type draw struct {
	Seq uint64 // the hit's number
}
