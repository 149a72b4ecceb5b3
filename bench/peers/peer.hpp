/// \file
/// What a side of the comparison is: Rocket, and every peer, each in a file of its own. C++17, as works.hpp.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "works.hpp"

namespace peers {

/// What both sides begin with. Layouts are Rocket's: images height x width x channels; weights of convolutions height x
/// width x inputs x outputs; of dense layers inputs x outputs.
struct Start {
  std::vector<float> features;                       ///< batch x inputs of a sample
  std::vector<int> labels;                           ///< one a sample, for steps
  std::map<std::string, std::vector<float>> arrays;  ///< parameters and statistics by Rocket's names; of one layer its
                                                     ///< "weight" and, for backward, the "output_gradient"
};

/// One way to do a work, ready to be called.
struct Candidate {
  std::string setting;                         ///< what is special about it, for people; may be empty
  std::size_t parameters = 0;                  ///< trainable numbers: those of both sides must agree
  std::function<void()> call;                  ///< does the work once; what is timed
  std::function<std::vector<float>()> values;  ///< what it computes, to be compared; not timed. Steps: light loss,
                                               ///< booster loss and hint (the light net alone: its loss) of each of
                                               ///< three steps from the start with `checked_rate`; inference: logits;
                                               ///< layers: the output; backward: weight gradient, then input gradient
};

/// Steps that are timed take no step: with a rate of 0 the arithmetic is the same, and every one is like the first.
inline constexpr double timed_rate = 0, checked_rate = 0.01;
inline constexpr int checked_steps = 3;

/// A library to compare with.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::string name() const = 0;
  virtual std::string version() const = 0;
  /// The ways it can do that work on so many threads; the fastest one counts. None: it can't.
  virtual std::vector<Candidate> candidates(const Work& work, int threads, const Start& start) = 0;
};

// One each a file; whether it is there is settled by CMake.
std::unique_ptr<Peer> libtorch();
std::unique_ptr<Peer> dlib_dnn();
std::unique_ptr<Peer> onednn();
std::unique_ptr<Peer> openblas();
std::unique_ptr<Peer> opencv_dnn();
std::unique_ptr<Peer> plain_eigen();

/// Ours, and where everyone starts.
Start start_of(const Work& work);
Candidate rocket_candidate(const Work& work, int threads, const Start& start);

}  // namespace peers
