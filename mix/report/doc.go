// Package report shows what a run did: as text, Markdown, JSON, a page of HTML
// with charts, and a dataset card for the Hugging Face Hub. It also prints the
// tables in which published mixtures are described.
//
//	rep, err := datamix.Run(ctx, m, dst)
//	page := report.Page{Title: "assistant-v1", Report: rep}
//	html, err := page.HTML()
//
// A Page is data and its methods are pure functions of it: equal reports make
// equal bytes. Nothing here reads or writes files; Attachments lets a folder of
// package sink write the pages with its shards.
//
// # The published tables
//
//	ExampleShares   examples and share              as the card of No Robots
//	ChatStatistics  share, turns, tokens per chat   as table 7 of the Llama 3 paper
//	TokenShares     share, tokens, output and input as the report of Hermes 3
//	Composition     counts, licences, categories    as table 7 of the Tulu 3 paper
//
// Each takes a report and groups its parts by a label such as "category". A set
// whose rows carry the category, rather than its parts, is first grouped by
// package audit, whose result holds a report by that column.
package report
