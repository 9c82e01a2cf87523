// Service streams a mix over HTTP as JSON Lines. Each request draws the mix
// anew; the records are written as fast as the client reads them, and the work
// stops when the client leaves.
//
//	go run ./examples/service -recipe recipe.yaml -listen localhost:8080
//	curl -N localhost:8080/mix?limit=1000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/sample"
	"github.com/datamix-go/datamix/sink"
)

func main() {
	recipe := flag.String("recipe", "recipe.yaml", "the recipe to serve")
	listen := flag.String("listen", "localhost:8080", "the address to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx, *recipe, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "service:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, path, listen string) error {
	r, err := mix.Read(path)
	if err != nil {
		return err
	}
	if err := r.Build(nil); err != nil {
		return err
	}
	m, err := mix.New(*r, nil)
	if err != nil {
		return err
	}
	plan, err := m.Plan(ctx) // measure once, before the first request
	if err != nil {
		return err
	}
	slog.Info("ready", "address", listen, "rows", plan.Rows())
	server := &http.Server{Addr: listen, Handler: handler(m, slog.Default()), ReadHeaderTimeout: 5 * time.Second}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// handler serves the mix at /mix; ?limit=N ends after N records.
func handler(m *mix.Mix, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mix", func(w http.ResponseWriter, req *http.Request) {
		src := datamix.Source(m)
		if text := req.FormValue("limit"); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 0 {
				http.Error(w, "limit is no number", http.StatusBadRequest)
				return
			}
			first, err := sample.Take(n)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			src = datamix.Chain(m, datamix.Draw(first))
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		// A write blocks until the client has read; the request's context ends
		// when the client leaves.
		report, err := datamix.Run(req.Context(), src, sink.Writer(w, nil))
		if err != nil {
			log.Warn("stopped", "rows", report.Output.Rows, "reason", err)
			if report.Output.Rows == 0 && req.Context().Err() == nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			// The status is sent: a broken connection is all that tells the
			// client that the stream is not whole.
			panic(http.ErrAbortHandler)
		}
		log.Info("served", "rows", report.Output.Rows)
	})
	return mux
}
