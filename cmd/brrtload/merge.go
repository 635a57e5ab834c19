package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"

	"brrtload/ci"
	"brrtload/internal/kept"
	"brrtload/internal/merge"
	"brrtload/internal/suite"
)

func mergeCommand() *cobra.Command {
	var f runFlags
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "merge SHARD...",
		Short: "Make one run of what several shards kept, and judge it",
		Long: `Make one run of the run directories of "brrtload run --shard" and judge it as if one machine had sent the
load. Ledgers and histograms are added exactly, and every hit of the plan is counted once.

Shards of different runs are refused. When a shard is missing, the run is inconclusive, and the report says
how many hits are missing.`,
		Example: `  brrtload merge shard-0 shard-1 shard-2 shard-3
  brrtload merge /results/shard-* --dir /results/run`,
		Args: wrong(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, _, release := interrupts(cmd.Context(), cmd.ErrOrStderr())
			defer release()
			merge.AwaitShards(ctx, wait, args)
			return f.merge(cmd, args)
		},
	}
	cmd.Flags().StringVar(&f.dir, "dir", "", "keep the run in `DIR` (default runs/SCENARIO-TIME)")
	cmd.Flags().DurationVar(&wait, "wait", 0, "wait at most this `DURATION` for the shards to finish")
	f.showing.flags(cmd.Flags())
	f.fullFlag(cmd.Flags())
	return cmd
}

func (f *runFlags) merge(cmd *cobra.Command, dirs []string) error {
	if err := f.outputs.ready(); err != nil {
		return err
	}
	shards, err := merge.Gather(dirs)
	if err != nil {
		return usage(err)
	}
	loaded, err := suite.Open(shards.Base())
	if err != nil {
		return err
	}
	dir, err := kept.Claim(f.dir, loaded.Scenario.Name)
	if err != nil {
		return err
	}
	if err := kept.Release(dir); err != nil {
		return usage(err)
	}
	report, err := shards.Merge(cmd.Context(), merge.Options{Suite: loaded, Dir: dir})
	if report.Version == 0 || err != nil {
		return err
	}
	if err := f.show(cmd, report); err != nil {
		return err
	}
	if err := ci.Report(cmd.ErrOrStderr(), ci.Detect(os.Getenv), report, dir, loaded.AskedAt); err != nil {
		return err
	}
	return ended(report)
}
