//go:build !linux

package main

import (
	"errors"
	"time"
)

func bare(string, int, time.Duration) error { return errors.New("the bare client is for Linux") }
