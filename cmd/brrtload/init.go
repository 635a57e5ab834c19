package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
	"github.com/spf13/cobra"

	"brrtload/internal/discover"
	"brrtload/internal/kept"
	"brrtload/reports"
)

type initFlags struct {
	options discover.Options
	output  string
	ci      string
	quiet   bool
}

func initCommand() *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init URL",
		Short: "Learn how a service counts its requests, and write a scenario for it",
		Long: `Learn by experiment how a running service counts its requests, print what was found, and write a scenario
with its assertions that can be run at once.

Each kind of request is sent alone, in a number that no other kind has, and the metrics that increase by that number
are those that count it. At most 200 requests, all GET, HEAD or OPTIONS unless --unsafe allows POST, go to the URL
and nowhere else. A secret comes from the environment: --header 'Authorization: Bearer ${TOKEN}'.
Nothing is overwritten. Exit status 5 when the service or its metrics cannot be read.`,
		Example: `  brrtload init http://127.0.0.1:8080
  brrtload init http://127.0.0.1:8080 --path /api/items --path /api/users -o items.yaml
  brrtload init http://127.0.0.1:8080 --metrics http://127.0.0.1:9102/metrics --ci github`,
		Args: wrong(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(
		&f.options.Metrics,
		"metrics",
		"",
		"metrics endpoint, a `URL` or a path; by default the usual paths and ports of the host",
	)
	flags.StringArrayVar(
		&f.options.Paths,
		"path",
		nil,
		"`PATH` that the service answers to GET; repeatable; by default from an OpenAPI document, else /",
	)
	flags.StringVar(&f.options.OpenAPI, "openapi", "", "OpenAPI document, a `FILE` or a URL of the service")
	flags.StringArrayVar(
		&f.options.Headers,
		"header",
		nil,
		"header `FIELD` of every request, 'NAME: VALUE'; ${VARIABLE} in it is the variable's value; repeatable",
	)
	flags.BoolVar(
		&f.options.Unsafe,
		"unsafe",
		false,
		"also send POST, without a body, to the first path; by default only GET, HEAD and OPTIONS",
	)
	flags.StringVarP(&f.output, "output", "o", "", "scenario `FILE` to write (default HOST-PORT.yaml)")
	flags.StringVar(&f.ci, "ci", "", "also write a job for this `SYSTEM`: github or gitlab")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
	return cmd
}

// written is a file that init writes.
type written struct{ path, text string }

func (f *initFlags) run(cmd *cobra.Command, at string) error {
	f.options.URL = at
	path := f.output
	if path == "" {
		path = defaultOutput(at)
	}
	if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" {
		return usage(fmt.Errorf("--output %s: want a name that ends in .yaml", path))
	}
	job, err := jobFile(f.ci, path)
	if err != nil {
		return usage(err)
	}
	contract := strings.TrimSuffix(path, filepath.Ext(path)) + ".contract.yaml"
	for _, name := range []string{path, contract, job.path} {
		if _, err := os.Lstat(name); name != "" && !errors.Is(err, fs.ErrNotExist) {
			return usage(fmt.Errorf("%s exists; name another file with --output, or remove it", name))
		}
	}
	if !f.quiet {
		f.options.Progress = func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }
	}
	ctx, _, release := interrupts(cmd.Context(), cmd.ErrOrStderr())
	defer release()
	learned, err := discover.Run(ctx, f.options)
	switch {
	case errors.Is(err, discover.ErrUsage):
		return usage(err)
	case errors.Is(err, discover.ErrUnreachable):
		return failure{reports.StatusUnreachable, err}
	case err != nil:
		return err
	}
	if err := showRows(cmd, learned.Rows()); err != nil {
		return err
	}
	for _, finding := range learned.Announced() {
		fmt.Fprintf(cmd.OutOrStdout(), "finding: %s\n", finding)
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	for _, file := range []written{{contract, learned.Contract(filepath.Base(contract))},
		{path, learned.Scenario(name)}, job} {
		if err := file.create(); err != nil {
			return usage(err)
		}
		if file.text != "" {
			fmt.Fprintf(cmd.OutOrStdout(), "wrote %s\n", file.path)
		}
	}
	fmt.Fprintf(cmd.OutOrStdout(), "next: brrtload run %s\n", path)
	return nil
}

// create writes a file that is not there yet.
func (w written) create() error {
	if w.text == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(w.path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(w.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(w.text)
	return errors.Join(err, file.Close())
}

func defaultOutput(at string) string {
	u, err := url.Parse(at)
	if err != nil || u.Host == "" {
		return "service.yaml"
	}
	return kept.Slug(strings.ReplaceAll(strings.Trim(u.Host, "[]"), ":", "-")) + ".yaml"
}

// jobFile returns the CI job that runs a scenario; an empty system is for none.
func jobFile(system, scenario string) (written, error) {
	name := strings.TrimSuffix(filepath.Base(scenario), filepath.Ext(scenario))
	switch system {
	case "":
		return written{}, nil
	case "github":
		return written{
			filepath.Join(".github", "workflows", "brrtload-"+name+".yml"),
			fmt.Sprintf(
				`# Runs the scenario on each pull request. This needs brrtload's repository under brrtload/; see its docs/ci.md.
on: pull_request
permissions:
  contents: read
jobs:
  load:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@v4
      # Start the service here, before it is loaded: - run: ./start-my-service.sh
      - uses: ./brrtload/ci/github
        with:
          scenario: %s
`,
				filepath.ToSlash(scenario),
			),
		}, nil
	case "gitlab":
		return written{
			"brrtload-" + name + ".gitlab-ci.yml",
			fmt.Sprintf(
				`# Include this file from .gitlab-ci.yml. It needs brrtload's ci/gitlab/brrtload.yml under brrtload/, and an image that has
# a shell, brrtload and the service; see docs/ci.md.
include:
  - local: brrtload/ci/gitlab/brrtload.yml
    inputs:
      job: load
      image: registry.example.com/team/brrtload:latest
      scenario: %s
`,
				filepath.ToSlash(scenario),
			),
		}, nil
	}
	return written{}, fmt.Errorf("--ci %s: want github or gitlab", system)
}

func showRows(cmd *cobra.Command, rows []discover.Row) error {
	table := tablewriter.NewTable(cmd.OutOrStdout(),
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{Borders: tw.BorderNone,
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone}})),
		tablewriter.WithRowAutoWrap(tw.WrapNone))
	for _, row := range rows {
		if err := table.Append(row.What, row.Found, row.How); err != nil {
			return err
		}
	}
	return table.Render()
}
