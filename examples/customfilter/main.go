// Customfilter shows the three ways to bring one's own rule: a function that
// keeps or drops, a filter with a reason for each drop, and a step that changes
// records.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
)

// politeness drops replies that scold the user, with a reason for each kind.
func politeness(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
	reply := strings.ToLower(r.Response())
	switch {
	case strings.Contains(reply, "obviously"):
		return "condescending", nil
	case strings.HasSuffix(reply, "!!"):
		return "shouting", nil
	}
	return datamix.Keep, nil
}

// trimSpace removes white space around every turn.
func trimSpace(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
	turns := append([]datamix.Message(nil), r.Messages()...)
	for i := range turns {
		turns[i].Content = strings.TrimSpace(turns[i].Content)
	}
	r.SetMessages(turns)
	return datamix.Keep, nil
}

func main() {
	src := datamix.Chain(
		source.Records(
			datamix.NewChat(datamix.User("Is water wet?"), datamix.Assistant("  It wets other things.  ")),
			datamix.NewChat(datamix.User("What is 2 + 2?"), datamix.Assistant("Obviously 4.")),
			datamix.NewChat(datamix.User("Where is Oslo?"), datamix.Assistant("See http://example.com")),
			datamix.NewChat(datamix.User("Stop."), datamix.Assistant("I will not!!")),
		),
		datamix.Where(
			filter.Func("no-links", func(r *datamix.Record) bool { return !strings.Contains(r.Response(), "http") }),
			datamix.FilterFunc(politeness),
		),
		datamix.StepFunc(trimSpace),
	)
	report, err := datamix.Run(context.Background(), src, sink.Writer(os.Stdout, nil))
	if err != nil {
		fmt.Fprintln(os.Stderr, "customfilter:", err)
		os.Exit(1)
	}
	fmt.Println(report)
}
