package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"brrtload/internal/overhead"
)

// arms are the services that the command line names, or the bundled pair, with the baseline's twin
// between them.
func (f *overheadFlags) arms() ([]overhead.Arm, error) {
	if f.armsFile != "" {
		return f.fromFile()
	}
	if (f.baseline == "") != (f.candidate == "") && !f.aa {
		return nil, usage(errors.New("--baseline and --candidate go together"))
	}
	if f.baseline != "" {
		return f.foreign()
	}
	base, full := overhead.Command{Bundled: true}, overhead.Command{Bundled: true}
	var err error
	if base.Path, err = sibling("targetsvc-bare"); err != nil {
		return nil, err
	}
	if full.Path, err = sibling("targetsvc"); err != nil {
		return nil, err
	}
	if f.aa {
		full = base
	}
	for _, fault := range f.faults {
		full.Args = append(full.Args, "--fault", fault)
	}
	if f.aa {
		return f.three(base, full)
	}
	on := cmp.Or(f.telemetry, "all")
	if err := acceptedBy(full.Path, append(slices.Clone(full.Args), "--telemetry="+on)...); err != nil {
		return nil, err
	}
	arms, err := f.three(base, bundled(full, on))
	switch {
	case err != nil:
		return nil, err
	case f.ablate:
		return append(arms, ablation(full, on)...), nil
	case f.telemetry == "" && len(f.vary) == 0:
		arms = append(arms, overhead.Arm{Name: "metrics only", Role: overhead.Level,
			Command: bundled(full, "all,-logs,-traces")})
	}
	return arms, nil
}

// foreign are two services that are not ours.
func (f *overheadFlags) foreign() ([]overhead.Arm, error) {
	base, err := overhead.ParseCommand(f.baseline)
	if err != nil {
		return nil, usage(err)
	}
	candidate := base
	if !f.aa {
		if candidate, err = overhead.ParseCommand(f.candidate); err != nil {
			return nil, usage(err)
		}
	}
	switch {
	case len(f.faults) > 0 || f.telemetry != "":
		return nil, usage(errors.New("only the bundled service takes --fault and --telemetry"))
	case f.ablate:
		return nil, usage(errors.New("--ablate takes the bundled service's telemetry apart; --vary does so with flags and variables of any service"))
	case f.proof.Counter != "" && f.metrics == "":
		return nil, usage(errors.New("--counted-by needs --metrics, the path at which the counter is found"))
	}
	candidate.Metrics, candidate.Proof = f.metrics, f.proof
	return f.three(base, candidate)
}

// fromFile are the services that a file names.
func (f *overheadFlags) fromFile() ([]overhead.Arm, error) {
	if f.baseline != "" || f.candidate != "" || f.metrics != "" || f.proof != (overhead.Proof{}) || f.telemetry != "" ||
		len(f.faults) > 0 || f.ablate || f.aa {
		return nil, usage(fmt.Errorf("--arms says all about the arms but --vary: leave the other flags out, or write what they say into %s", f.armsFile))
	}
	arms, err := overhead.LoadArms(files{}, f.armsFile)
	if unreadable(err) {
		return nil, usage(fmt.Errorf("arms file %s: %s", f.armsFile, reason(err)))
	} else if err != nil {
		return nil, err
	}
	return f.varied(arms)
}

// three returns the three arms that are in every experiment, and the variations of the candidate
// that the user gave.
func (f *overheadFlags) three(base, candidate overhead.Command) ([]overhead.Arm, error) {
	return f.varied([]overhead.Arm{
		{Name: "baseline", Role: overhead.Baseline, Command: base},
		{Name: "twin", Role: overhead.Twin, Command: base},
		{Name: "candidate", Role: overhead.Candidate, Command: candidate},
	})
}

// varied adds the variations of the candidate that the command line gives.
func (f *overheadFlags) varied(arms []overhead.Arm) ([]overhead.Arm, error) {
	for _, text := range f.vary {
		name, words, found := strings.Cut(text, "=")
		if !found || name == "" {
			return nil, usage(fmt.Errorf("--vary %q: want NAME=WORDS, such as 'quiet=LOG_LEVEL=error' or 'no-logs=--telemetry=all,-logs'", text))
		}
		if err := overhead.CheckName(name); err != nil {
			return nil, usage(fmt.Errorf("--vary %s: %w", text, err))
		}
		if slices.ContainsFunc(arms, func(a overhead.Arm) bool { return a.Name == name }) {
			return nil, usage(fmt.Errorf("--vary %s: there is a variation named %q already", text, name))
		}
		c, err := arms[2].Command.With(words)
		if err != nil {
			return nil, usage(err)
		}
		c.Proof = overhead.Proof{} // a part of the telemetry may be off
		arms = append(arms, overhead.Arm{Name: name, Role: overhead.Variant, Command: c})
	}
	return arms, nil
}

// groups are the parts of the bundled service's telemetry that can be switched off by themselves.
var groups = []string{"coroutines", "stack", "channel", "auth", "route", "request", "memory", "logs", "traces"}

// ablation returns the bundled service with all of its telemetry off, and with each part that is on
// switched off.
func ablation(c overhead.Command, on string) []overhead.Arm {
	arms := []overhead.Arm{{Name: overhead.NoneVariant, Role: overhead.Variant, Command: bundled(c, "none")}}
	parts := partsOf(on)
	for _, g := range groups {
		if parts[g] {
			arms = append(arms, overhead.Arm{Name: g, Role: overhead.Variant, Command: bundled(c, on+",-"+g)})
		}
	}
	return arms
}

// partsOf reads which parts a list such as "all,-traces" switches on, as targetsvc does.
func partsOf(telemetry string) map[string]bool {
	on := map[string]bool{}
	for word := range strings.SplitSeq(telemetry, ",") {
		name, off := strings.CutPrefix(strings.TrimSpace(word), "-")
		if name != "all" && name != "none" {
			on[name] = !off
			continue
		}
		for _, g := range groups {
			on[g] = name == "all"
		}
	}
	return on
}

// bundled returns the bundled service with some of its telemetry on, and the proofs of delivery
// that go with it.
func bundled(c overhead.Command, telemetry string) overhead.Command {
	on := partsOf(telemetry)
	c.Args = append(slices.Clone(c.Args), "--telemetry="+telemetry)
	c.Metrics, c.Proof = "/metrics", overhead.Proof{Roots: on["traces"]}
	if on["request"] {
		c.Proof.Counter = "brrtrouter_requests_total"
	}
	if on["logs"] {
		c.Proof.LogLine = `"msg":"Request complete"`
	}
	return c
}
