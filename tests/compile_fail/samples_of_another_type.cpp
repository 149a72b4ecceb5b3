// expect: rocket: Trainer: samples are Samples of the net's type, what converts to them .Dataset., or a source
// expect: Samples<double>
#include <vector>

#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Number = float;
#else
using Number = double;
#endif
using Net = Launch<Input<4>, Sequential<>, Dense<3>, Dense<3>>;

void train(const std::vector<Number>& features, const std::vector<int>& labels) {
  Trainer trainer{Net{Seed{}}};
  trainer.fit(make_samples<Number>(features, labels, 4, 3), {});
}
