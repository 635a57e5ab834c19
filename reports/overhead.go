package reports

// Overhead is what a paired experiment found: what the candidate costs more than the baseline.
// Times are seconds, sizes bytes, shares ratios.
type Overhead struct {
	Verdict    string   `json:"verdict"` // within, equivalent, over, inconclusive, measured, unfit, void
	Reason     string   `json:"reason"`
	Rate       float64  `json:"rate"`             // hits per second that CPU overhead is stated for
	Load       float64  `json:"load"`             // hits per second, of all arms together
	Pinned     string   `json:"pinned"`           // which CPUs the processes were kept on
	Layout     string   `json:"layout,omitempty"` // what was done about where the linker puts functions
	Baseline   string   `json:"baseline"`
	Candidate  string   `json:"candidate"`
	Blocks     int      `json:"blocks"`
	Left       int      `json:"blocks_left_out"`
	Sessions   int      `json:"sessions"` // starts of the arms
	Factor     int      `json:"blocks_put_together"`
	Confidence float64  `json:"confidence"`
	Sequential bool     `json:"sequential"` // the intervals hold at every look
	Lag1       float64  `json:"lag1"`       // correlation of neighbouring blocks
	Drift      float64  `json:"drift_p"`
	Between    float64  `json:"restarts_p"`
	Detectable float64  `json:"detectable"`        // smallest CPU overhead that as many blocks would find four times in five, a share
	Needed     float64  `json:"needed_seconds"`    // that a decision would take, if things stay as they are; 0 when nothing is missing or it is unknown
	Delivered  []string `json:"delivered"`         // how the telemetry was shown to arrive
	Effects    []Effect `json:"effects,omitempty"` // candidate against baseline; the first is CPU per hit at Rate
	Twin       []Effect `json:"twin,omitempty"`    // twin against baseline: the noise floor
	Others     []Other  `json:"others,omitempty"`  // further arms against baseline
	Parts      []Part   `json:"parts,omitempty"`   // of an ablation
	Closing    Between  `json:"closing,omitzero"`  // sum of the parts without the total in half the starts, less the total in the others: 0 ought to be inside
	Points     []Point  `json:"points,omitempty"`  // block by block
}

// Effect is one metric of an arm against the baseline.
type Effect struct {
	Metric     string  `json:"metric"`
	Unit       string  `json:"unit"` // "s", "B", "cores" or ""
	Base       float64 `json:"base"` // of the baseline
	Difference Between `json:"difference"`
	Share      Between `json:"share,omitzero"` // of the baseline; none when that is 0
	Detectable float64 `json:"detectable"`     // difference
	Blocks     int     `json:"blocks"`         // independent measurements: starts of the arms, put together where they resemble each other
}

// Other is a further arm: the CPU that a hit costs it more than the baseline.
type Other struct {
	Name    string `json:"name"`
	Command string `json:"command"`
	Effect  Effect `json:"effect"`
}

// Between is an estimate with its interval.
type Between struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Part is a share of the whole overhead that an ablation attributes: CPU seconds per hit.
type Part struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // part, machinery, interaction, total
	Between
}

// Point is one block: CPU per hit of the candidate and of the twin, against the baseline's, less 1.
type Point struct {
	Seconds   float64 `json:"seconds"`
	Session   int     `json:"session"`
	Candidate float64 `json:"candidate"`
	Twin      float64 `json:"twin"`
	Unfit     string  `json:"unfit,omitempty"`
}
