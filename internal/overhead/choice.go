package overhead

import (
	"cmp"
	"slices"
	"strings"

	"brrtload/internal/bundled"
	"brrtload/internal/diag"
	"brrtload/internal/files"
)

// Choice is which services an experiment compares, as a person chooses them. Without any they are
// the bundled service's two builds.
type Choice struct {
	File                string   // an arms file, which says all but Vary
	Baseline, Candidate string   // commands that start services
	Metrics             string   // path of the candidate's metrics
	Proof               Proof    // what the candidate must show for every hit
	Telemetry           string   // parts of the bundled service's telemetry that are on; all when empty
	Faults              []string // of the bundled candidate, as NAME=SETTING
	Vary                []string // more arms: the candidate with other words, as NAME=WORDS
	AA                  bool     // compare the baseline with itself
	Ablate              bool     // one arm more for each part of the bundled service's telemetry, without it
}

// Arms returns the services, with a second baseline between the two. The error is a [diag.Mistake]
// or a [diag.List] where they cannot be compared.
func (c Choice) Arms() ([]Arm, error) {
	if c.File != "" {
		return c.fromFile()
	}
	if (c.Baseline == "") != (c.Candidate == "") && !c.AA {
		return nil, diag.Mistakef("--baseline and --candidate go together")
	}
	if c.Baseline != "" {
		return c.foreign()
	}
	base, full := Command{Bundled: true}, Command{Bundled: true}
	var err error
	if base.Path, err = bundled.Sibling(bundled.Bare); err != nil {
		return nil, err
	}
	if full.Path, err = bundled.Sibling(bundled.Service); err != nil {
		return nil, err
	}
	if c.AA {
		full = base
	}
	for _, fault := range c.Faults {
		full.Args = append(full.Args, "--fault", fault)
	}
	if c.AA {
		return c.three(base, full)
	}
	on := cmp.Or(c.Telemetry, "all")
	if err := bundled.Accepts(full.Path, append(slices.Clone(full.Args), "--telemetry="+on)...); err != nil {
		return nil, err
	}
	arms, err := c.three(base, withParts(full, on))
	switch {
	case err != nil:
		return nil, err
	case c.Ablate:
		return append(arms, ablation(full, on)...), nil
	case c.Telemetry == "" && len(c.Vary) == 0:
		arms = append(arms, Arm{Name: "metrics only", Role: Level,
			Command: withParts(full, "all,-logs,-traces")})
	}
	return arms, nil
}

// foreign are two services that are not ours.
func (c Choice) foreign() ([]Arm, error) {
	base, err := ParseCommand(c.Baseline)
	if err != nil {
		return nil, diag.Mistake{Err: err}
	}
	candidate := base
	if !c.AA {
		if candidate, err = ParseCommand(c.Candidate); err != nil {
			return nil, diag.Mistake{Err: err}
		}
	}
	switch {
	case len(c.Faults) > 0 || c.Telemetry != "":
		return nil, diag.Mistakef("only the bundled service takes --fault and --telemetry")
	case c.Ablate:
		return nil, diag.Mistakef("--ablate takes the bundled service's telemetry apart; --vary does so with flags and variables of any service")
	case c.Proof.Counter != "" && c.Metrics == "":
		return nil, diag.Mistakef("--counted-by needs --metrics, the path at which the counter is found")
	}
	candidate.Metrics, candidate.Proof = c.Metrics, c.Proof
	return c.three(base, candidate)
}

// fromFile are the services that a file names.
func (c Choice) fromFile() ([]Arm, error) {
	if c.Baseline != "" || c.Candidate != "" || c.Metrics != "" || c.Proof != (Proof{}) || c.Telemetry != "" ||
		len(c.Faults) > 0 || c.Ablate || c.AA {
		return nil, diag.Mistakef("--arms describes the arms; use only --vary with it, and write the other flags into %s", c.File)
	}
	arms, err := LoadArms(files.OS{}, c.File)
	if files.Unreadable(err) {
		return nil, diag.Mistakef("arms file %s: %s", c.File, files.Reason(err))
	} else if err != nil {
		return nil, err
	}
	return c.varied(arms)
}

// three returns the three arms that are in every experiment, and the variations of the candidate
// that the user gave.
func (c Choice) three(base, candidate Command) ([]Arm, error) {
	return c.varied([]Arm{
		{Name: "baseline", Role: Baseline, Command: base},
		{Name: "twin", Role: Twin, Command: base},
		{Name: "candidate", Role: Candidate, Command: candidate},
	})
}

// varied adds the variations of the candidate that the command line gives.
func (c Choice) varied(arms []Arm) ([]Arm, error) {
	for _, text := range c.Vary {
		name, words, found := strings.Cut(text, "=")
		if !found || name == "" {
			return nil, diag.Mistakef("--vary %q: want NAME=WORDS, such as 'quiet=LOG_LEVEL=error' or 'no-logs=--telemetry=all,-logs'", text)
		}
		if err := CheckName(name); err != nil {
			return nil, diag.Mistakef("--vary %s: %w", text, err)
		}
		if slices.ContainsFunc(arms, func(a Arm) bool { return a.Name == name }) {
			return nil, diag.Mistakef("--vary %s: there is a variation named %q already", text, name)
		}
		varied, err := arms[2].Command.With(words)
		if err != nil {
			return nil, diag.Mistake{Err: err}
		}
		varied.Proof = Proof{} // a part of the telemetry may be off
		arms = append(arms, Arm{Name: name, Role: Variant, Command: varied})
	}
	return arms, nil
}
