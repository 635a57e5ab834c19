package charts

import (
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"brrtload/assertions"
	"brrtload/reports"
)

const (
	// maxExposed bounds the samples shown for one check.
	maxExposed = 15
	// maxExhibits bounds the exhibits of a report.
	maxExhibits = 60
	// maxExposition bounds what is read of a kept exposition, in bytes.
	maxExposition = 64 << 20
	// maxText bounds a series or a value, in bytes.
	maxText = 300
)

// Exhibits returns, for each check that failed or was found untruthful, what the endpoints exposed
// of the metrics that it rests on in the scrapes at both edges of the run. Scrapes that were not
// kept are left out.
func Exhibits(dir string, checks []assertions.Check) []reports.Exhibit {
	checks = slices.DeleteFunc(slices.Clone(checks), func(c assertions.Check) bool {
		return c.Verdict != assertions.Fail && c.Verdict != assertions.Untruthful
	})
	files, err := filepath.Glob(filepath.Join(dir, "scrapes", "final-*"))
	if err != nil || len(checks) == 0 {
		return nil
	}
	var found []reports.Exhibit
	for _, file := range files {
		endpoint := strings.TrimPrefix(filepath.Base(file), "final-")
		after := exposed(file)
		before := exposed(filepath.Join(filepath.Dir(file), "baseline-"+endpoint))
		for _, c := range checks {
			e := exhibit(c.Metrics, before, after)
			e.Check, e.Endpoint = c.ID, strings.TrimSuffix(endpoint, filepath.Ext(endpoint))
			if len(e.Samples) > 0 && len(found) < maxExhibits {
				found = append(found, e)
			}
		}
	}
	return found
}

// exhibit returns the samples of some metrics that changed, or all of them where none did.
func exhibit(metrics []string, before, after map[string]string) reports.Exhibit {
	var changed, same []reports.Exposed
	for _, series := range slices.Sorted(maps.Keys(after)) {
		if !rests(metrics, series) {
			continue
		}
		x := reports.Exposed{Series: clip(series), Baseline: clip(before[series]), Final: clip(after[series])}
		if before[series] != after[series] {
			changed = append(changed, x)
		} else {
			same = append(same, x)
		}
	}
	if len(changed) == 0 {
		changed = same
	}
	shown := min(len(changed), maxExposed)
	return reports.Exhibit{Samples: changed[:shown], More: len(changed) - shown}
}

func clip(text string) string {
	if len(text) > maxText {
		return strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}

// rests reports whether a series, as an exposition writes it, is of one of the metrics.
func rests(metrics []string, series string) bool {
	name, _, _ := strings.Cut(series, "{")
	return slices.ContainsFunc(metrics, func(m string) bool {
		return name == m || name == m+"_count" || name == m+"_sum" || name == m+"_bucket"
	})
}

// exposed returns the samples of a kept exposition by their series, as they were written; those of
// one in protobuf as text has them.
func exposed(file string) map[string]string {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, maxExposition))
	if err != nil {
		return nil
	}
	if strings.HasSuffix(file, ".pb") {
		body = asText(body)
	}
	samples := map[string]string{}
	for line := range strings.Lines(string(body)) {
		line, _, _ = strings.Cut(line, " # ") // an exemplar
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		cut := strings.LastIndexByte(line, '}') + 1
		if space := strings.IndexByte(line[cut:], ' '); space >= 0 {
			samples[line[:cut+space]] = strings.TrimSpace(line[cut+space:])
		}
	}
	return samples
}

// asText writes a protobuf exposition as text, as far as it can be read.
func asText(body []byte) []byte {
	decoder := expfmt.NewDecoder(bytes.NewReader(body), expfmt.NewFormat(expfmt.TypeProtoDelim))
	var text bytes.Buffer
	for {
		var family dto.MetricFamily
		if err := decoder.Decode(&family); err != nil {
			return text.Bytes()
		}
		if _, err := expfmt.MetricFamilyToText(&text, &family); err != nil {
			return text.Bytes()
		}
	}
}
