// Every hint under every gradient block, through pairs that share parameters by name.
#include "support/launch_gradients.hpp"
#include "support/pairs.hpp"

using namespace launch_gradients;

TEST_CASE("with some blocks shared by name each term updates what the paper says", "[gradients]") {
  check_every_hint_and_block<pairs::SharedName<double>>();
}

TEST_CASE("with a shared trunk and a shared name each term updates what the paper says", "[gradients]") {
  check_every_hint_and_block<pairs::SharedBoth<double>>();
}
