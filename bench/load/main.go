// load keeps so many streams going, at the HTTP edge or straight at Triton, and says when each token came. It is its own
// process and costs a few microseconds a token, so that the load isn't what is measured. See bench/README.md.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// config is what the command line says.
type config struct {
	kind     string
	address  string
	path     string // of the edge's route
	body     []byte
	streams  int
	words    []string
	steps    map[int32]int64 // by id
	clock    int64           // what a step of the engine's clock of words means, in nanoseconds
	interval int64           // between a stream's tokens, where known, in nanoseconds
	turns    int             // in a conversation, before a new one is begun
	pause    time.Duration
	limit    time.Duration
}

// client opens streams; each is used by one goroutine.
type client interface {
	// turn makes one request and reads its answer, telling the recorder of every token.
	turn(r *recorder) error
	close()
}

var measuring, stopping atomic.Bool

func main() {
	log.SetFlags(0)
	var c config
	flag.StringVar(&c.kind, "kind", "sse", "sse, conversation (turns of /chat) or triton")
	flag.StringVar(&c.address, "address", "", "host:port")
	flag.StringVar(&c.path, "path", "/v1/chat/completions", "route of an sse load")
	body := flag.String("request", "", "file with a request's body: JSON, or a serialised ModelInferRequest")
	flag.IntVar(&c.streams, "streams", 1, "streams at a time")
	seconds := flag.Float64("seconds", 5, "how long to measure")
	warm := flag.Float64("warmup", 1, "seconds between every stream's first token and the measuring")
	stagger := flag.Float64("stagger", 0, "seconds over which the streams begin")
	words := flag.String("words", "", "file of the engine's ids: a line each, the id, a tab, its text with a leading space")
	flag.Int64Var(&c.clock, "clock", 0, "nanoseconds a step of the engine's clock of words")
	flag.Int64Var(&c.interval, "interval", 0, "nanoseconds between a stream's tokens, for the clock")
	flag.IntVar(&c.turns, "turns", 4, "turns in a conversation")
	flag.DurationVar(&c.pause, "pause", 0, "between a stream's requests")
	pids := flag.String("pids", "", "processes whose CPU is measured")
	first := flag.Bool("first", true, "wait for every stream's first token before the warm-up")
	hold := flag.Bool("hold", false, "go on after the measuring, until standard input ends")
	flag.DurationVar(&c.limit, "limit", 60*time.Second, "the longest wait for the first tokens")
	flag.Parse()
	debug.SetGCPercent(400)

	var err error
	if c.body, err = os.ReadFile(*body); err != nil {
		log.Fatal(err)
	}
	if *words != "" {
		data, err := os.ReadFile(*words)
		if err != nil {
			log.Fatal(err)
		}
		c.steps = map[int32]int64{}
		for i, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
			number, word, _ := strings.Cut(line, "\t")
			id, err := strconv.ParseInt(number, 10, 32)
			if err != nil {
				log.Fatal(err)
			}
			c.words = append(c.words, word)
			c.steps[int32(id)] = int64(i)
		}
	}
	code := map[string]int64{}
	for i, word := range c.words {
		code[word] = int64(i)
	}

	recorders := make([]*recorder, c.streams)
	clients := make([]client, c.streams)
	open := newClients(&c)
	var done sync.WaitGroup
	var begun atomic.Int64
	for i := range recorders {
		r := &recorder{config: &c, code: code, onFirst: func() { begun.Add(1) }}
		recorders[i] = r
		clients[i] = open(i)
		done.Add(1)
		go func() {
			defer done.Done()
			time.Sleep(time.Duration(*stagger * float64(i) / float64(c.streams) * float64(time.Second)))
			for !stopping.Load() {
				if err := clients[i].turn(r); err != nil && !stopping.Load() {
					r.fail(err)
					time.Sleep(100 * time.Millisecond)
				}
				if c.pause > 0 {
					time.Sleep(c.pause)
				}
			}
		}()
	}
	for wait := time.Now(); *first && begun.Load() < int64(c.streams); time.Sleep(time.Millisecond) {
		if time.Since(wait) > c.limit {
			for _, r := range recorders {
				if !r.ever {
					log.Fatalf("%d of %d streams began; another: %s", begun.Load(), c.streams, r.lastError)
				}
			}
			log.Fatalf("%d of %d streams began", begun.Load(), c.streams)
		}
	}
	time.Sleep(time.Duration(*warm * float64(time.Second)))
	fmt.Println("measuring")
	before, own, start := cpu(*pids), ownCPU(), nanotime()
	measuring.Store(true)
	time.Sleep(time.Duration(*seconds * float64(time.Second)))
	measuring.Store(false)
	wall := float64(nanotime()-start) / 1e9
	after := cpu(*pids)
	own = ownCPU() - own
	out := summary(recorders, wall)
	used := map[string]float64{}
	for pid, ticks := range after {
		used[pid] = float64(ticks-before[pid]) / 100
	}
	out["cpu"] = used
	out["client_cpu"] = own
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		log.Fatal(err)
	}
	if *hold {
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
	stopping.Store(true)
	for _, c := range clients {
		c.close()
	}
	done.Wait()
}

// cpu is what each process has used, in ticks of 10 ms.
func cpu(pids string) map[string]int64 {
	used := map[string]int64{}
	for _, pid := range strings.FieldsFunc(pids, func(r rune) bool { return r == ',' }) {
		data, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			log.Fatal(err)
		}
		fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+2:]))
		user, _ := strconv.ParseInt(fields[11], 10, 64)
		system, _ := strconv.ParseInt(fields[12], 10, 64)
		used[pid] = user + system
	}
	return used
}

func ownCPU() float64 {
	var usage unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

// nanotime is the clock that the fake engine's words tell, too.
func nanotime() int64 {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return t.Nano()
}
