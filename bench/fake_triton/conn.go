package main

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"golang.org/x/sys/unix"
)

const (
	preface     = http2.ClientPreface
	readWindow  = 1 << 24 // for each request; the connection's is refilled as it is used
	maxFrame    = 16384
	maxRequest  = 1 << 26
	codeOK      = "0"
	codeUnknown = "12" // UNIMPLEMENTED
	codeInvalid = "3"
)

// stream is one call. A call of ModelStreamInfer is one generation: the request that came first.
type stream struct {
	id       uint32
	path     string
	request  []byte
	started  bool // the request is whole and was looked at
	finished bool // everything has been said but the trailers
	half     bool // the client sent END_STREAM
	dead     bool
	counted  bool

	window  int64
	pending []byte // gRPC bytes that no window lets out yet
	status  string
	text    string

	reply reply
	base  int64 // when the next token would come without jitter, in nanoseconds, monotonic
	due   int64
	left  int
	next  int
	at    int // in the heap; -1 outside
}

// conn is one HTTP/2 connection: `read` takes frames, `pace` alone writes. `mu` guards everything below it.
type conn struct {
	engine *engine
	socket net.Conn
	bell   int // eventfd: wakes `pace`
	asleep atomic.Bool

	mu      sync.Mutex
	out     bytes.Buffer
	framer  *http2.Framer // writes into out
	headers *hpack.Encoder
	block   bytes.Buffer
	streams map[uint32]*stream
	queue   queue
	window  int64
	initial int64
	owed    uint32
	closed  bool
}

func serve(e *engine, socket net.Conn) {
	bell, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		log.Fatal(err)
	}
	c := &conn{engine: e, socket: socket, bell: bell, streams: map[uint32]*stream{}, window: 65535, initial: 65535}
	c.framer = http2.NewFramer(&c.out, nil)
	c.headers = hpack.NewEncoder(&c.block)
	settings := []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: readWindow}}
	if e.maxStreams > 0 {
		settings = append(settings, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: e.maxStreams})
	}
	_ = c.framer.WriteSettings(settings...)
	_ = c.framer.WriteWindowUpdate(0, 1<<30)
	done := make(chan struct{})
	go func() { c.pace(); close(done) }()
	c.read()
	c.mu.Lock()
	c.closed = true
	for _, s := range c.streams {
		c.drop(s, true)
	}
	c.mu.Unlock()
	_ = socket.Close()
	c.ring()
	<-done
	_ = unix.Close(bell)
}

func (c *conn) read() {
	in := bufio.NewReaderSize(c.socket, 1<<16)
	start := make([]byte, len(preface))
	if _, err := io.ReadFull(in, start); err != nil || string(start) != preface {
		return
	}
	framer := http2.NewFramer(io.Discard, in)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		c.mu.Lock()
		c.take(frame)
		c.mu.Unlock()
		c.ring()
	}
}

// take handles one frame. Called with mu held.
func (c *conn) take(frame http2.Frame) {
	switch f := frame.(type) {
	case *http2.SettingsFrame:
		if f.IsAck() {
			return
		}
		_ = f.ForeachSetting(func(setting http2.Setting) error {
			switch setting.ID {
			case http2.SettingInitialWindowSize:
				change := int64(setting.Val) - c.initial
				c.initial += change
				for _, s := range c.streams {
					s.window += change
				}
			case http2.SettingHeaderTableSize:
				c.headers.SetMaxDynamicTableSizeLimit(setting.Val)
			}
			return nil
		})
		_ = c.framer.WriteSettingsAck()
		c.unblock()
	case *http2.PingFrame:
		if !f.IsAck() {
			_ = c.framer.WritePing(true, f.Data)
		}
	case *http2.WindowUpdateFrame:
		if f.StreamID == 0 {
			c.window += int64(f.Increment)
			c.unblock()
		} else if s := c.streams[f.StreamID]; s != nil {
			s.window += int64(f.Increment)
			c.unblock()
		}
	case *http2.RSTStreamFrame:
		if s := c.streams[f.StreamID]; s != nil {
			c.drop(s, true)
		}
	case *http2.MetaHeadersFrame:
		if limit := c.engine.maxStreams; limit > 0 && uint32(len(c.streams)) >= limit {
			_ = c.framer.WriteRSTStream(f.StreamID, http2.ErrCodeRefusedStream)
			return
		}
		s := &stream{id: f.StreamID, path: f.PseudoValue("path"), window: c.initial, at: -1}
		c.streams[s.id] = s
		s.half = f.StreamEnded()
		c.look(s)
	case *http2.DataFrame:
		c.owed += f.Length
		if c.owed >= 1<<20 {
			_ = c.framer.WriteWindowUpdate(0, c.owed)
			c.owed = 0
		}
		s := c.streams[f.StreamID]
		if s == nil {
			return
		}
		if !s.started && len(s.request) < maxRequest {
			s.request = append(s.request, f.Data()...)
		}
		s.half = s.half || f.StreamEnded()
		c.look(s)
	}
}

// look starts a call once its request is whole, and ends it once both sides are done.
func (c *conn) look(s *stream) {
	if !s.started && len(s.request) >= 5 {
		size := int(binary.BigEndian.Uint32(s.request[1:]))
		if len(s.request) >= 5+size {
			c.start(s, s.request[5:5+size])
			s.request = nil
		}
	} else if !s.started && s.half {
		s.started, s.finished, s.status, s.text = true, true, codeOK, ""
		c.answer(s)
	}
	if s.started && s.half && s.finished {
		c.schedule(s, 0)
	}
}

func (c *conn) answer(s *stream) {
	c.block.Reset()
	c.field(":status", "200")
	c.field("content-type", "application/grpc")
	_ = c.framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: s.id, BlockFragment: c.block.Bytes(), EndHeaders: true})
}

func (c *conn) field(name, value string) {
	_ = c.headers.WriteField(hpack.HeaderField{Name: name, Value: value})
}

func (c *conn) start(s *stream, request []byte) {
	s.started = true
	c.answer(s)
	now := nanotime()
	if s.path != "/inference.GRPCInferenceService/ModelStreamInfer" {
		body, known := unary(s.path, request)
		s.finished, s.status = true, codeOK
		if known {
			s.pending = message(body)
		} else {
			s.status, s.text = codeUnknown, "fake_triton has no "+s.path
		}
		c.schedule(s, now)
		return
	}
	r, err := readRequest(request)
	if err != nil {
		s.finished, s.status, s.text = true, codeInvalid, err.Error()
		c.schedule(s, now)
		return
	}
	s.status = codeOK
	s.left = r.outputLen
	s.reply = newReply(r, s.id)
	s.counted = true
	c.engine.Streams.Add(1)
	c.engine.Active.Add(1)
	phase := time.Duration(0)
	if c.engine.phase {
		phase = time.Duration(rand.Float64() * float64(c.engine.interval))
	}
	if !r.streaming {
		phase = c.engine.interval * time.Duration(r.outputLen)
	}
	if r.outputLen > 1 { // a lone token is a gateway's canary, which a real engine answers beside long prefills
		phase += c.engine.prefill
	}
	s.base = now + int64(phase)
	c.schedule(s, s.base)
}

// drop forgets a stream.
func (c *conn) drop(s *stream, cancelled bool) {
	s.dead = true
	delete(c.streams, s.id)
	if s.at >= 0 {
		heap.Remove(&c.queue, s.at)
	}
	if s.counted {
		s.counted = false
		c.engine.Active.Add(-1)
		if cancelled {
			c.engine.Cancelled.Add(1)
		}
	}
}

func (c *conn) schedule(s *stream, due int64) {
	s.due = due
	if s.at >= 0 {
		heap.Fix(&c.queue, s.at)
	} else if !s.dead {
		heap.Push(&c.queue, s)
	}
}

// unblock lets streams that waited for a window try again.
func (c *conn) unblock() {
	for _, s := range c.streams {
		if len(s.pending) > 0 && s.at < 0 {
			c.schedule(s, 0)
		}
	}
}

// step lets a stream whose time has come say the next thing.
func (c *conn) step(s *stream) {
	if len(s.pending) == 0 && s.left > 0 {
		count := 1
		if !s.reply.streaming {
			count = s.left
		}
		ids := c.engine.ids
		if count == 1 {
			at := s.next
			if c.engine.clock > 0 {
				at = int(nanotime() / c.engine.clock)
			}
			frame := s.reply.one(ids[at%len(ids)], s.left == 1)
			if size := int64(len(frame) - 9); size <= s.window && size <= c.window {
				c.out.Write(frame) // nearly always: the frame was made with the stream
				s.window -= size
				c.window -= size
			} else {
				s.pending = append([]byte(nil), frame[9:]...)
			}
		} else {
			s.pending = s.reply.all(ids, count)
		}
		s.next += count
		s.left -= count
		s.finished = s.left == 0
		c.engine.Tokens.Add(int64(count))
	}
	for len(s.pending) > 0 {
		size := min(int64(len(s.pending)), s.window, c.window, maxFrame)
		if size <= 0 {
			return // until `unblock`
		}
		_ = c.framer.WriteData(s.id, false, s.pending[:size])
		s.pending = s.pending[size:]
		s.window -= size
		c.window -= size
	}
	if s.left > 0 {
		s.base += int64(c.engine.interval)
		c.schedule(s, s.base+int64((rand.Float64()*2-1)*c.engine.jitter*float64(c.engine.interval)))
	} else if s.finished && s.half {
		c.block.Reset()
		c.field("grpc-status", s.status)
		if s.text != "" {
			c.field("grpc-message", s.text)
		}
		_ = c.framer.WriteHeaders(http2.HeadersFrameParam{
			StreamID: s.id, BlockFragment: c.block.Bytes(), EndHeaders: true, EndStream: true})
		c.drop(s, false)
	}
}

// pace writes what is due, and sleeps until something is. Go's own timers are a millisecond coarse in an idle process,
// which would make streams tick together; so it waits in ppoll on a thread of its own.
func (c *conn) pace() {
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1000, 0, 0, 0)
	var spare []byte
	var turn []*stream
	for {
		c.asleep.Store(false)
		c.mu.Lock()
		now := nanotime()
		turn = turn[:0]
		for len(c.queue) > 0 && c.queue[0].due <= now {
			turn = append(turn, heap.Pop(&c.queue).(*stream))
		}
		for _, s := range turn {
			c.step(s)
		}
		spare = append(spare[:0], c.out.Bytes()...)
		c.out.Reset()
		closed := c.closed
		wait := int64(math.MaxInt64)
		if len(c.queue) > 0 {
			wait = c.queue[0].due - nanotime()
		}
		c.asleep.Store(wait > 0)
		c.mu.Unlock()
		if closed {
			return
		}
		if len(spare) > 0 {
			if _, err := c.socket.Write(spare); err != nil {
				_ = c.socket.Close() // ends `read`, which ends this
				return
			}
		}
		if wait > 0 {
			c.sleep(wait)
		}
	}
}

// sleep waits for the bell, at most so long. A short wait is hidden from Go's scheduler, which would take this thread's
// processor away and give it back at a cost above that of a token.
func (c *conn) sleep(wait int64) {
	fds := [1]unix.PollFd{{Fd: int32(c.bell), Events: unix.POLLIN}}
	var rung bool
	if wait < int64(2*time.Millisecond) {
		timeout := unix.NsecToTimespec(wait)
		n, _, _ := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds)), 1,
			uintptr(unsafe.Pointer(&timeout)), 0, 0, 0)
		rung = n == 1
	} else {
		var timeout *unix.Timespec
		if wait != math.MaxInt64 {
			t := unix.NsecToTimespec(wait - int64(time.Millisecond)) // the rest is for the short wait
			timeout = &t
		}
		n, _ := unix.Ppoll(fds[:], timeout, nil)
		rung = n == 1
	}
	if rung {
		var count [8]byte
		_, _, _ = unix.RawSyscall(unix.SYS_READ, uintptr(c.bell), uintptr(unsafe.Pointer(&count)), 8)
	}
}

func (c *conn) ring() {
	if c.asleep.Swap(false) {
		_, _ = unix.Write(c.bell, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

func nanotime() int64 {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return t.Nano()
}

// queue is a heap of streams by due time.
type queue []*stream

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due < q[j].due }
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].at, q[j].at = i, j
}
func (q *queue) Push(x any) {
	s := x.(*stream)
	s.at = len(*q)
	*q = append(*q, s)
}
func (q *queue) Pop() any {
	old := *q
	s := old[len(old)-1]
	*q = old[:len(old)-1]
	s.at = -1
	return s
}
