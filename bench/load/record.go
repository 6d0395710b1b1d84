package main

import (
	"slices"
	"strings"
)

// recorder is what one stream has seen. Times are in nanoseconds in, microseconds out.
type recorder struct {
	config  *config
	code    map[string]int64
	onFirst func()

	sent      int64 // when the request was written
	last      int64 // when its last token came; 0 before the first
	lag       int64 // of its last token
	ever      bool
	lastError string

	// While measuring:
	tokens, events, turns, errors int
	ttft, gaps, lags              []int32
}

func (r *recorder) begin() { r.sent, r.last = nanotime(), 0 }

// text is one event with the text of one or more tokens, each a word with its leading space. Without the words of the
// engine, an event is one token to the gaps, and the usage says how many there were.
func (r *recorder) text(content []byte, now int64) {
	counted := measuring.Load()
	if counted {
		r.events++
	}
	if len(r.code) == 0 {
		r.token(now, -1, counted)
		return
	}
	rest := string(content)
	for rest != "" {
		word := rest
		if end := strings.IndexByte(rest[1:], ' '); end >= 0 {
			word = rest[:end+1]
		}
		rest = rest[len(word):]
		step, known := r.code[word]
		if !known {
			step = -1
		}
		r.token(now, step, counted)
	}
}

// token is one token that came now; step is what the engine's clock showed when it left, modulo the clock's round.
func (r *recorder) token(now, step int64, counted bool) {
	if !r.ever {
		r.ever = true
		r.onFirst()
	}
	if r.last == 0 {
		if counted {
			r.ttft = append(r.ttft, int32((now-r.sent)/1000))
		}
		r.lag = -1
	} else if counted {
		r.gaps = append(r.gaps, int32((now-r.last)/1000))
	}
	if step >= 0 && r.config.clock > 0 {
		round := r.config.clock * int64(len(r.config.words))
		lag := ((now-step*r.config.clock)%round + round) % round
		if r.lag >= 0 { // the clock has gone round since: take the lag nearest to what the stream's pace says
			expected := r.lag + now - r.last - r.config.interval
			for lag < expected-round/2 {
				lag += round
			}
		}
		r.lag = lag
		if counted {
			r.lags = append(r.lags, int32(lag/1000))
		}
	}
	r.last = now
	if counted && (len(r.code) > 0 || r.config.kind == "triton") {
		r.tokens++
	}
}

// usage is how many tokens an answer had; what follows the number is ignored.
func (r *recorder) usage(text []byte) {
	count := 0
	for _, digit := range text {
		if digit < '0' || digit > '9' {
			break
		}
		count = 10*count + int(digit-'0')
	}
	if measuring.Load() {
		r.tokens += count
	}
}

func (r *recorder) ended() {
	if measuring.Load() {
		r.turns++
	}
}

func (r *recorder) fail(err error) {
	r.errors++
	r.lastError = err.Error()
}

func summary(recorders []*recorder, wall float64) map[string]any {
	var tokens, events, turns, errors int
	var ttft, gaps, lags []int32
	lastError := ""
	for _, r := range recorders {
		tokens += r.tokens
		events += r.events
		turns += r.turns
		errors += r.errors
		ttft = append(ttft, r.ttft...)
		gaps = append(gaps, r.gaps...)
		lags = append(lags, r.lags...)
		if r.lastError != "" {
			lastError = r.lastError
		}
	}
	return map[string]any{
		"seconds": wall, "tokens": tokens, "events": events, "turns": turns, "errors": errors, "last_error": lastError,
		"ttft_us": quantiles(ttft), "gap_us": quantiles(gaps), "lag_us": quantiles(lags),
	}
}

func quantiles(values []int32) map[string]int {
	if len(values) == 0 {
		return map[string]int{"n": 0}
	}
	slices.Sort(values)
	at := func(share float64) int { return int(values[min(int(share*float64(len(values))), len(values)-1)]) }
	return map[string]int{"n": len(values), "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": at(1)}
}
