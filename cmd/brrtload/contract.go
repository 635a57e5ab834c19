package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"brrtload/assertions/checks"
	"brrtload/assertions/contract"
	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/files"
	"brrtload/internal/kept"
	"brrtload/internal/scrape"
	"brrtload/reports"
)

func contractCommand() *cobra.Command {
	var into string
	cmd := &cobra.Command{
		Use:   "contract URL|RUN|FILE...",
		Short: "Write down what a service exposes, as a contract to hold it to",
		Long: `Read expositions, from endpoints, from all scrapes of a kept run, and from files, and write down what they have in common as a contract: families with
types, help and units, labels with their values or a pattern for them, and a bound on the series. A family that not all of them have is optional.

With --output, the contract is written to a file; one that is there already keeps what was tightened in it by hand, and its comments, as far as what
was read satisfies it. What goes against the conventions for names, help and units is said on standard error.`,
		Example: `  brrtload contract http://127.0.0.1:8080/metrics > metrics.contract.yaml
  brrtload contract runs/smoke-20260101T120000.000Z -o metrics.contract.yaml`,
		Args: wrong(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeContract(cmd, args, into)
		},
	}
	cmd.Flags().StringVarP(&into, "output", "o", "", "write the contract to this `FILE`, or bring it up to date")
	return cmd
}

func writeContract(cmd *cobra.Command, sources []string, into string) error {
	families, err := exposed(cmd.Context(), sources)
	if err != nil {
		return err
	}
	var old *contract.Contract
	older, err := fs.ReadFile(files.OS{}, into)
	switch {
	case into == "" || errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return usage(fmt.Errorf("read contract: %w", err))
	default:
		if old, err = contract.Load(files.OS{}, into); err != nil {
			return err
		}
	}
	var text bytes.Buffer
	if err := contract.Generate(families, old).Write(&text); err != nil {
		return err
	}
	out := append([]byte(heading), text.Bytes()...)
	if old != nil {
		if out, err = contract.WithComments(text.Bytes(), older); err != nil {
			return err
		}
	}
	if err := unconventional(cmd.ErrOrStderr(), families); err != nil {
		return err
	}
	if into == "" {
		_, err = cmd.OutOrStdout().Write(out)
		return err
	}
	if err := os.WriteFile(into, out, 0o644); err != nil {
		return usage(fmt.Errorf("write contract: %w", err))
	}
	return nil
}

const heading = `# Every scrape is held to this. Make it tighter by hand: a pattern for a list, a lower bound on series, help texts left out where they may change.
`

// lint says what goes against the conventions.
func unconventional(w io.Writer, families []facts.Family) error {
	problems, err := checks.Lint(families)
	if err != nil {
		return err
	}
	for _, text := range problems {
		fmt.Fprintf(w, "brrtload: %s\n", diag.Printable(text))
	}
	return nil
}

// exposed returns the families of all expositions together, as if one endpoint had answered with
// one after the other.
func exposed(ctx context.Context, sources []string) ([]facts.Family, error) {
	dir, err := os.MkdirTemp("", "brrtload-contract")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // nothing else can be done about it
	store, err := evidence.Create(dir)
	if err != nil {
		return nil, err
	}
	defer store.Close() //nolint:errcheck // nothing of it is kept
	var families []facts.Family
	sources = slices.DeleteFunc(slices.Clone(sources), func(source string) bool {
		kept := err == nil && kept.IsRun(source)
		if kept {
			var more []facts.Family
			more, err = exposedInRun(source)
			families = append(families, more...)
		}
		return kept
	})
	if err != nil || len(sources) == 0 {
		return families, err
	}
	at := time.Now()
	w := facts.Window{Name: "all", Start: at, End: at.Add(time.Duration(len(sources)) * time.Second)}
	for i, source := range sources {
		if err := take(ctx, store, source, at.Add(time.Duration(i+1)*time.Second)); err != nil {
			return nil, err
		}
	}
	return append(families, store.Families(w)...), nil
}

// exposedInRun returns the families of all scrapes that a contract would be held to in a kept run.
func exposedInRun(dir string) ([]facts.Family, error) {
	store, err := evidence.Open(dir)
	if err != nil {
		return nil, usage(err)
	}
	defer store.Close() //nolint:errcheck // it was only read
	w, ok := store.Window(facts.Run)
	if !ok {
		return nil, usage(fmt.Errorf("%s: the run has no complete window; use its scrapes: brrtload contract %s", dir,
			filepath.Join(dir, "scrapes", "*")))
	}
	return store.Families(w), nil
}

// take reads one exposition into the store.
func take(ctx context.Context, store *evidence.Store, source string, at time.Time) error {
	target := scrape.Target{Name: "target", URL: source}
	remote := strings.HasPrefix(source, "http://") || strings.HasPrefix(source, "https://")
	if !remote {
		target.URL = "http://file.invalid/" // nothing is sent there
	}
	e, err := scrape.New(target, store)
	if err != nil {
		return usage(err)
	}
	defer e.Close()
	batch := store.At(at)
	if remote {
		if _, err = e.Scrape(ctx, at, batch); err != nil {
			return failure{reports.StatusUnreachable, err}
		}
		return batch.Commit()
	}
	body, err := fs.ReadFile(files.OS{}, source)
	if err != nil {
		return usage(err)
	}
	if _, err := e.Read(at, body, formatOf(source, body), batch); err != nil {
		return usage(fmt.Errorf("%s: %w", source, cmp.Or(errors.Unwrap(err), err)))
	}
	return batch.Commit()
}

// formatOf returns the content type of an exposition in a file.
func formatOf(name string, body []byte) string {
	switch {
	case filepath.Ext(name) == ".pb":
		return "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
	case filepath.Ext(name) == ".om", bytes.HasSuffix(bytes.TrimSpace(body), []byte("# EOF")):
		return "application/openmetrics-text; version=1.0.0"
	}
	return "text/plain; version=0.0.4"
}
