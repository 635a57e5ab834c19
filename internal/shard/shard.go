// Package shard lets several generators send one load.
//
// Each shard has the whole plan and sends the hits whose number leaves its index when divided by the
// number of shards: together they send what one generator would. In goes which shard a process is
// and where shard 0 listens; out come the instant at which all start, and how far a shard's clock is
// from that of shard 0. Package internal/run carries a shard's part
// out, and package internal/merge merges what shards kept.
package shard

import (
	"fmt"
	"strconv"
	"strings"
)

// Max bounds the shards of one run.
const Max = 1000

// Shard is one of Of generators, numbered from 0.
type Shard struct {
	Index uint64 `json:"index"`
	Of    uint64 `json:"of"`
}

// Parse reads "0/4".
func Parse(text string) (Shard, error) {
	index, of, found := strings.Cut(text, "/")
	i, err := strconv.ParseUint(index, 10, 32)
	n, failed := strconv.ParseUint(of, 10, 32)
	switch {
	case !found || err != nil || failed != nil || n < 1 || n > Max:
		return Shard{}, fmt.Errorf("want INDEX/NUMBER such as 0/4, and at most %d shards", Max)
	case i >= n:
		return Shard{}, fmt.Errorf("%d shards are numbered from 0 to %d", n, n-1)
	}
	return Shard{i, n}, nil
}

// String returns "0/4".
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }
