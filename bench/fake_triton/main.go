// fake_triton speaks what the gateway uses of Triton's gRPC protocol and costs about a microsecond a token, so that
// whatever is measured in front of it is not measuring the engine. See bench/README.md.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// engine is what all connections share: the flags and the counts.
type engine struct {
	interval   time.Duration // between a stream's tokens; 0: as fast as they can be written
	prefill    time.Duration
	jitter     float64 // of the interval, either way
	phase      bool    // whether streams begin anywhere within an interval
	clock      int64   // a step of the clock that ids tell, in nanoseconds; 0: they tell none
	ids        []int32
	maxStreams uint32

	Streams   atomic.Int64
	Tokens    atomic.Int64
	Cancelled atomic.Int64
	Active    atomic.Int64
}

func main() {
	port := flag.Int("port", 0, "port on 127.0.0.1; 0 takes a free one, which is printed as the first line on stdout")
	rate := flag.Float64("rate", 25, "tokens a second for each stream; 0 is as fast as possible")
	jitter := flag.Float64("jitter", 0.2, "how far a token may be off its time, as a share of the interval")
	prefill := flag.Duration("prefill", 0, "silence before a stream's first token, unless it asks for just one")
	phase := flag.Bool("phase", true, "a stream's first token comes after a random part of the interval, besides the prefill")
	clock := flag.Duration("clock", 0, "ids tell when a token left: the id's place in --ids is the monotonic clock in such steps")
	ids := flag.String("ids", "", "token ids that each stream cycles over, separated by commas (default 100 to 355)")
	words := flag.String("words", "", "serve OpenAI's chat completions too, on a free port that is printed as a second line; "+
		"this file has the texts: a line each, the id, a tab, its text")
	maxStreams := flag.Uint("max-streams", 0, "SETTINGS_MAX_CONCURRENT_STREAMS; 0 sets no limit")
	withParent := flag.Bool("die-with-parent", false, "end when the process that started this one ends")
	flag.Parse()

	if *withParent {
		if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0, 0, 0); err != nil {
			log.Fatal(err)
		}
	}
	e := &engine{prefill: *prefill, jitter: *jitter, phase: *phase, clock: int64(*clock), maxStreams: uint32(*maxStreams)}
	if *rate > 0 {
		e.interval = time.Duration(float64(time.Second) / *rate)
	}
	for _, field := range strings.FieldsFunc(*ids, func(r rune) bool { return r == ',' }) {
		id, err := strconv.ParseInt(strings.TrimSpace(field), 10, 32)
		if err != nil {
			log.Fatalf("--ids: %v", err)
		}
		e.ids = append(e.ids, int32(id))
	}
	for id := int32(100); *ids == "" && id < 356; id++ {
		e.ids = append(e.ids, id)
	}

	runtime.GOMAXPROCS(64) // pacers hold one each for as long as they sleep

	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	if *words != "" {
		go serveHTTP(e, *words)
	}

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		_ = json.NewEncoder(os.Stderr).Encode(map[string]int64{
			"streams": e.Streams.Load(), "tokens": e.Tokens.Load(),
			"cancelled": e.Cancelled.Load(), "active": e.Active.Load(),
		})
		os.Exit(0)
	}()
	for {
		socket, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(e, socket)
	}
}
