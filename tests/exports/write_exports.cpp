// Writes nets as headers and, where there is protozero, as ONNX, and as text what they make of samples that those don't
// hold: a line "NAME numbers|rows|logits COUNT" for each input and for the logits, a line with the number of samples,
// then a line a sample, -1 for a missing row.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <rocket/deploy/header.hpp>

#include "nets.hpp"
#ifdef ROCKET_TEST_ONNX
#include <rocket/deploy/onnx.hpp>
#endif

using namespace rocket;

namespace {

constexpr int count = 100;

void write_inputs(std::FILE* file, const Graph& graph) {
  for (const Graph::Node& node : graph.nodes())
    if (node.what == Graph::Operator::numbers || node.what == Graph::Operator::rows) {
      std::string name = node.name;
      for (char& c : name) c = c == ' ' ? '_' : c;
      std::fprintf(file, "%s %s %d\n", name.c_str(), node.what == Graph::Operator::rows ? "rows" : "numbers",
                   node.shape.size());
    }
}
void write_sample(std::FILE* file, const Graph&, const float* numbers, int size) {
  for (int k = 0; k < size; ++k) std::fprintf(file, "%.9g ", static_cast<double>(numbers[k]));
}
// The inputs of a graph stand in the order of a record's words.
void write_sample(std::FILE* file, const Graph& graph, const Word* words, int) {
  for (const Graph::Node& node : graph.nodes())
    for (int k = 0; k < node.shape.size(); ++k)
      if (node.what == Graph::Operator::rows) {
        const Word word = *words++;
        std::fprintf(file, "%ld ", word.is_row() ? static_cast<long>(word.as_row()) : -1L);
      } else if (node.what == Graph::Operator::numbers) {
        std::fprintf(file, "%.9g ", *words == Word{} ? 0 : static_cast<double>(words->as_number()));
        ++words;
      }
}

template <class Net>
bool write(Net net, const std::string& folder, const std::string& name) {
  exports::shake(net);
  write_header(net, folder + '/' + name + ".hpp", {.name = "exported::" + name});
#ifdef ROCKET_TEST_ONNX
  write_onnx(net, folder + '/' + name + ".onnx");
#endif
  auto samples = detail::made_up_samples(net.tables(), count);
  std::fill_n(samples.begin(), Net::record.size(), typename Net::Feature{});  // the first one: nothing is there
  InferenceWorkspace<Net> workspace{count};
  workspace.forward(net, samples);
  const Graph graph = graph_of(net);

  std::FILE* file = std::fopen((folder + '/' + name + ".txt").c_str(), "w");
  if (!file) return false;
  write_inputs(file, graph);
  std::fprintf(file, "logits logits %d\n%d\n", Net::outputs[0], count);
  for (int i = 0; i < count; ++i) {
    write_sample(file, graph, samples.data() + i * Net::record.size(), Net::record.size());
    write_sample(file, graph, workspace.logits()[i].data(), Net::outputs[0]);
    std::fprintf(file, "\n");
  }
  return std::fclose(file) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder{argv[1]};
  const bool written = write(exports::Flat{Seed{1}}, folder, "dense") &&
                       write(exports::Convolutional{Seed{2}}, folder, "convolutional") &&
                       write(exports::Ranking{Seed{3}, exports::ranking_rows}, folder, "ranking");
  return written ? 0 : 1;
}
