package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"brrtload/ci"
	"brrtload/internal/discover"
	"brrtload/internal/discover/written"
	"brrtload/internal/files"
	"brrtload/internal/kept"
	"brrtload/reports/terminal"
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
	flags.StringVar(&f.options.Metrics, "metrics", "",
		"metrics endpoint, a `URL` or a path; by default the usual paths and ports of the host")
	flags.StringArrayVar(&f.options.Paths, "path", nil,
		"`PATH` that the service answers to GET; repeatable; by default from an OpenAPI document, else /")
	flags.StringVar(&f.options.OpenAPI, "openapi", "", "OpenAPI document, a `FILE` or a URL of the service")
	flags.StringArrayVar(&f.options.Headers, "header", nil,
		"header `FIELD` of every request, 'NAME: VALUE'; ${VARIABLE} in it is the variable's value; repeatable")
	flags.BoolVar(&f.options.Unsafe, "unsafe", false,
		"also send POST, without a body, to the first path; by default only GET, HEAD and OPTIONS")
	flags.StringVarP(&f.output, "output", "o", "", "scenario `FILE` to write (default HOST-PORT.yaml)")
	flags.StringVar(&f.ci, "ci", "", "also write a job for this `SYSTEM`: github or gitlab")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
	return cmd
}

func (f *initFlags) run(cmd *cobra.Command, at string) error {
	f.options.URL = at
	path := f.output
	if path == "" {
		path = defaultOutput(at)
	}
	if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" {
		return usage(fmt.Errorf("--output %s: want a name that ends in .yaml", path))
	}
	job, jobText, err := ci.Job(f.ci, path)
	if err != nil {
		return err
	}
	contract := strings.TrimSuffix(path, filepath.Ext(path)) + ".contract.yaml"
	for _, name := range []string{path, contract, job} {
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
	for _, file := range []struct{ path, text string }{{contract, written.Contract(learned, filepath.Base(contract))},
		{path, written.Scenario(learned, name)}, {job, jobText}} {
		if file.text == "" {
			continue
		}
		if err := files.Create(file.path, file.text); err != nil {
			return usage(err)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "wrote %s\n", file.path)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "next: brrtload run %s\n", path)
	return nil
}

func defaultOutput(at string) string {
	u, err := url.Parse(at)
	if err != nil || u.Host == "" {
		return "service.yaml"
	}
	return kept.Slug(strings.ReplaceAll(strings.Trim(u.Host, "[]"), ":", "-")) + ".yaml"
}

// widest is how wide the table of what was learned may be.
const widest = 100

func showRows(cmd *cobra.Command, rows []discover.Row) error {
	width := widest
	if terminal, is := widthOf(cmd.OutOrStdout()); is {
		width = min(width, terminal)
	}
	var cells [][]string
	for _, row := range rows {
		cells = append(cells, []string{row.What, row.Found, row.How})
	}
	return terminal.Fitted(cmd.OutOrStdout(), width, cells)
}
