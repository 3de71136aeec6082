package policy

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/kube"
	"github.com/netsift/netsift/rules"
)

// Limits are the numbers that a file sets.
type Limits struct {
	rules.Thresholds
	// NodePorts is the cluster's range of NodePorts (kube-apiserver, --service-node-port-range). Analysis needs it to tell Services
	// from other addresses (analyze.Config.NodePorts), and rules have it from the facts.
	NodePorts fact.PortRange
}

// defaultLimits returns the limits that hold unless a file sets others.
func defaultLimits() Limits {
	return Limits{rules.DefaultThresholds(), fact.PortRange{First: kube.FirstNodePort, Last: kube.LastNodePort}}
}

// Threshold is one of Limits as users set it.
type Threshold struct {
	// Name is its key in the file, Rules are those that use it.
	Name  string
	Rules []string
	// Text describes it. Form is the way its value is written: share, number, bytes, duration.
	Text, Form string

	value access
}

// access reads and writes a threshold.
type access interface {
	get(t *Limits) string
	set(t *Limits, text string) error
}

// Default returns the value it has unless a file sets another.
func (t *Threshold) Default() string {
	d := defaultLimits()
	return t.value.get(&d)
}

// Value returns its value among limits.
func (t *Threshold) Value(limits Limits) string { return t.value.get(&limits) }

// Thresholds lists the numbers that a file may set, in the order of the rules.
func Thresholds() []Threshold { return thresholds }

func thresholdNames() []string {
	names := make([]string, len(thresholds))
	for i := range thresholds {
		names[i] = thresholds[i].Name
	}
	return names
}

// whole is a threshold that is a whole number.
type whole[T ~int | ~uint16 | ~uint32 | ~uint64] struct {
	field    func(*Limits) *T
	min, max uint64
}

func (w whole[T]) get(t *Limits) string { return strconv.FormatUint(uint64(*w.field(t)), 10) }

func (w whole[T]) set(t *Limits, text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < w.min || n > w.max {
		return fmt.Errorf("give a whole number from %d to %d", w.min, w.max)
	}
	*w.field(t) = T(n)
	return nil
}

// share is a threshold between nothing and everything.
type share struct {
	field func(*Limits) *float64
}

func (s share) get(t *Limits) string {
	return strconv.FormatFloat(math.Round(*s.field(t)*1e8)/1e6, 'f', -1, 64) + "%"
}

func (s share) set(t *Limits, text string) error {
	number, percent := strings.CutSuffix(text, "%")
	x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		x /= 100
	}
	if err != nil || !(x >= 0 && x <= 1) { // NaN is neither
		return fmt.Errorf("give a share from 0%% to 100%%, as 0.5%% or 0.005")
	}
	*s.field(t) = x
	return nil
}

// lasting is a threshold that is a duration.
type lasting struct {
	field func(*Limits) *int64
}

func (l lasting) get(t *Limits) string { return time.Duration(*l.field(t)).String() }

func (l lasting) set(t *Limits, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > 24*time.Hour {
		return fmt.Errorf("give a duration with its unit, as 200ms, 5s or 1m, at most 24h")
	}
	*l.field(t) = int64(d)
	return nil
}
