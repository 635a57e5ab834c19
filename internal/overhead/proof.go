package overhead

// Proof is how an arm's telemetry shows that it accounts for every hit. What is not delivered costs
// nothing, so that a comparison without it is void. The zero value shows nothing.
type Proof struct {
	Counter string `json:"counter,omitempty"`  // a metric whose samples sum up to the hits
	LogLine string `json:"log_line,omitempty"` // a text that is in one line of the log for every hit
	Roots   bool   `json:"roots,omitempty"`    // one span without a parent for every hit
}
