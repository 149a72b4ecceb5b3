// expect: rocket: hint: it must be callable as hint.light, booster, light_gradient. on spans of logits
// expect: OnVectors
#include <rocket/rocket.hpp>

#include <vector>
using namespace rocket;

struct OnVectors {
  double operator()(const std::vector<float>&, const std::vector<float>&, std::vector<float>&) const { return 0; }
};
#ifdef ROCKET_CONTROL
using Hint = LogitMse;
#else
using Hint = OnVectors;
#endif
using Net = Plain<Input<4>, Dense<3>>;

Trainer trainer{Net{Seed{}}, Teacher{Net{Seed{}}, Hint{}}};
