package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// Dashboard names a file of what production reads: a Grafana dashboard (.json) or a Prometheus rule
// file (.yml, .yaml). Every metric that it reads must be exposed. A bare file name stands for
// {file: NAME}.
type Dashboard struct {
	File     diag.Text           `yaml:"file,required"` // the dashboard or rule file, beside the file that names it
	Except   []diag.Pattern      `yaml:"except"`        // metrics that others expose, as patterns of whole names: node_.*
	Severity assertions.Severity `yaml:"severity"`

	at    diag.Position
	reads []reading
}

// reading is a metric, and who reads it; no metric stands for an expression that is not PromQL.
type reading struct{ metric, by string }

// UnmarshalNode implements diag.Unmarshaler.
func (d *Dashboard) UnmarshalNode(n diag.Node) error {
	type fields Dashboard
	f := fields{Severity: assertions.Failing}
	var err error
	if n.IsScalar() {
		err = n.Decode(&f.File)
	} else {
		err = n.Decode(&f)
	}
	f.at = n.Position()
	*d = Dashboard(f)
	return err
}

// Open reads the file, below dir; its error has the place where it is named, or places of its own.
func (d *Dashboard) Open(fsys fs.FS, dir string) error {
	name := path.Join(dir, d.File.Value)
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return d.File.Errorf("read dashboard: %s: %s", d.File.Value, err)
	}
	switch path.Ext(name) {
	case ".json":
		d.reads, err = readByPanels(text)
	case ".yml", ".yaml":
		if d.reads, err = readByRules(&diag.Source{Name: name, Text: text}); err != nil {
			return err // it has places of its own
		}
	default:
		err = errors.New("want a Grafana dashboard (.json) or a Prometheus rule file (.yml, .yaml)")
	}
	if err == nil && len(d.reads) == 0 {
		err = errors.New("it reads no metric")
	}
	if err != nil {
		return d.File.Errorf("%s: %s", d.File.Value, err)
	}
	return nil
}

// readByRules lists what the rules of a file read, without what they record themselves.
func readByRules(src *diag.Source) ([]reading, error) {
	groups, err := rulesOf(src)
	if err != nil {
		return nil, err
	}
	var reads []reading
	recorded := map[string]bool{}
	for _, group := range groups {
		for _, rule := range group.Rules {
			by := "alert " + rule.Alert
			if rule.Record != "" {
				recorded[rule.Record] = true
				by = "rule " + rule.Record
			}
			for _, metric := range metricsReadBy(rule.Expr.Expr) {
				reads = append(reads, reading{metric, by})
			}
		}
	}
	return slices.DeleteFunc(reads, func(r reading) bool { return recorded[r.metric] }), nil
}

// readByPanels lists what the panels and variables of a Grafana dashboard read.
func readByPanels(text []byte) ([]reading, error) {
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	var reads []reading
	var walk func(v any, by string)
	walk = func(v any, by string) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item, by)
			}
		case map[string]any:
			if title, ok := v["title"].(string); ok && v["targets"] != nil {
				by = "panel " + title
			}
			if name, ok := v["name"].(string); ok && v["type"] == "query" {
				by = "variable " + name
			}
			for _, key := range []string{"expr", "query", "definition"} {
				if expr, ok := v[key].(string); ok && (key == "expr" || strings.HasPrefix(by, "variable ")) {
					for _, metric := range metricsOfGrafana(expr) {
						reads = append(reads, reading{metric, by})
					}
				}
			}
			for _, item := range v {
				walk(item, by)
			}
		}
	}
	walk(doc, "dashboard")
	slices.SortFunc(reads, func(a, b reading) int {
		return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.metric, b.metric))
	})
	return slices.Compact(reads), nil
}

var (
	grafanaVariable = regexp.MustCompile(`\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+\]\]`)
	grafanaDuration = regexp.MustCompile(`(\[|:|offset\s+)\s*(?:` + grafanaVariable.String() + `)`)
	grafanaValues   = regexp.MustCompile(`(?s)^\s*(?:label_values|query_result|metrics)\((.*)\)\s*$`)
	lastLabel       = regexp.MustCompile(`,\s*\w+\s*$`)
)

// variableName stands for a variable of Grafana. A metric whose name has one is not known.
const variableName = "grafana_variable"

// metricsOfGrafana lists the metrics that an expression of Grafana reads; "" of one that is no
// PromQL.
func metricsOfGrafana(text string) []string {
	if m := grafanaValues.FindStringSubmatch(text); m != nil {
		text = lastLabel.ReplaceAllString(m[1], "")
	}
	text = grafanaDuration.ReplaceAllString(text, "${1}5m")
	text = grafanaVariable.ReplaceAllString(text, variableName)
	expr, err := promql.PromQL.ParseExpr(text)
	if err != nil {
		return []string{""}
	}
	return metricsReadBy(expr)
}

// metricsReadBy lists the metrics that an expression names, sorted.
func metricsReadBy(expr parser.Expr) []string {
	var names []string
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			if name := promql.MetricName(s); name != "" && !strings.Contains(name, variableName) {
				names = append(names, name)
			}
		}
		return nil
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// About implements Assertion.
func (d *Dashboard) About() assertions.About {
	return assertions.About{Heading: assertions.Heading{ID: checks.Identifier("dashboard", d.File.Value),
		Kind: "dashboard", Severity: d.Severity,
		Window: facts.Run, Position: d.at, Why: "a panel or an alert that reads what is not exposed shows nothing"}}
}

// ofScraping are metrics that Prometheus makes itself.
var ofScraping = regexp.MustCompile(`^(up|scrape_.*|ALERTS(_FOR_STATE)?)$|:`)

// Judge implements Assertion.
func (d *Dashboard) Judge(_ context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	w, ok := e.Window(facts.Run)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	exposed := map[string]bool{}
	var names []string
	for _, f := range e.Families(w) {
		for _, name := range f.MetricNames() {
			if exposed[name] = true; !facts.OfClient(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	var findings []assertions.Finding
	looked := 0
	var unread []string
	for _, r := range d.reads {
		if r.metric == "" {
			if !strings.HasPrefix(r.by, "variable ") { // a variable may be a query of anything
				unread = append(unread, r.by)
			}
			continue
		}
		if ofScraping.MatchString(r.metric) || d.excepts(r.metric) {
			continue
		}
		if looked++; exposed[r.metric] {
			continue
		}
		text := fmt.Sprintf("%s reads %s, which is not exposed%s", r.by, r.metric, diag.DidYouMean(r.metric, names))
		if facts.OfRuntime(r.metric) {
			text += "; the runtime's metrics are chosen by the service"
		}
		findings = append(findings, assertions.Finding{Verdict: assertions.Fail, Text: diag.Printable(text)})
	}
	if len(findings) == 0 {
		text := fmt.Sprintf("all of %s that it reads are exposed", assertions.Counting(looked, "metric"))
		findings = append(findings, assertions.Finding{Text: text})
	}
	if n := len(unread); n == 1 {
		text := fmt.Sprintf("1 expression was not read: it is not PromQL (%s)", unread[0])
		findings = append(findings, assertions.Finding{Text: diag.Printable(text)})
	} else if n > 1 {
		text := fmt.Sprintf("%d expressions were not read: they are no PromQL (%s, …)", n, unread[0])
		findings = append(findings, assertions.Finding{Text: diag.Printable(text)})
	}
	return assertions.Bounded(findings), nil
}

func (d *Dashboard) excepts(metric string) bool {
	return slices.ContainsFunc(d.Except, func(p diag.Pattern) bool { return p.Expr.MatchString(metric) })
}
