package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"brrtload/assertions"
	"brrtload/assertions/judge"
	"brrtload/assertions/packs"
	"brrtload/internal/evidence"
	"brrtload/reports"
)

// BenchmarkTruth returns what the truth checks of a run of a minute cost, once it is over: the
// bundled service has some 2,500 series, read 240 times. It runs the smoke scenario for that minute
// first.
func BenchmarkTruth(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "run")
	if out, err := exec.Command(program("brrtload"), "run", "smoke", "--duration", "58s", "-q", "--dir", dir).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	report, err := reports.Read(dir)
	if err != nil {
		b.Fatal(err)
	}
	store, err := evidence.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close() //nolint:errcheck // it was only read
	var list []assertions.Assertion
	for _, name := range []string{"targetsvc", "truth"} {
		more, err := packs.Read(name)
		if err != nil {
			b.Fatal(err)
		}
		for _, a := range more {
			if name == "targetsvc" || a.About().ID != "counters-come-to-rest" {
				list = append(list, a)
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := judge.Judge(b.Context(), store, list); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(report.Scrapes[0].Series), "series")
	b.ReportMetric(float64(report.Scrapes[0].Count), "scrapes")
	b.ReportMetric(float64(len(list)), "checks")
}
