#pragma once
#include <type_traits>

#include "rocket/layers/attention_map.hpp"
#include "rocket/layers/batch_norm.hpp"
#include "rocket/layers/conv2d.hpp"
#include "rocket/layers/dense.hpp"
#include "rocket/layers/global_average_pool.hpp"
#include "rocket/net/launch.hpp"

namespace rocket {

namespace detail {
/// Its scale starts uniform in [0, 1), as in the code of Zhou et al. (2018).
using WideNormRelu = BatchNormRelu<0.1, 1e-5, ScaleInit::uniform>;

template <class Net, class GotDepth, bool sound>
struct DepthMakesWholeBlocks {
  static_assert(holds<sound, Net, GotDepth>,
                "rocket: WideResNet: the depth must be 6 n + 4, for n blocks a group: 10, 16, 22, 28, 34, 40, ...");
  static constexpr bool ok = true;
};
template <class Net, class GotWidthGroups, bool sound>
struct WidthAndGroupsAreThere {
  static_assert(holds<sound, Net, GotWidthGroups>,
                "rocket: WideResNet: the width is at least 1, and there are one to three groups");
  static constexpr bool ok = true;
};
}  // namespace detail

/// The block of a wide residual net, pre-activated (He et al. 2016; Zagoruyko, Komodakis 2016):
///
///     t = ReLU(BN(x))        y = conv(ReLU(BN(conv(t)))) + x
///
/// with 3x3 convolutions without bias. Where the input has another number of channels the block begins a group: its
/// first convolution takes the stride, and in the place of x stands a 1x1 convolution of t with that stride.
///
/// \tparam Stride counts only where the block begins a group
template <int Channels, int Stride = 1>
struct WideBlock {
  static constexpr std::string_view name = "WideBlock";
  static constexpr Shape output(Shape in) { return in.channels() == Channels ? in : Projection::output(in); }

 private:
  template <int ByStride>
  using Conv3x3 = Conv2d<Channels, Window{.size = 3, .stride = ByStride, .padding = 1}, Bias::no>;
  using Projection = Conv2d<Channels, Window{.size = 1, .stride = Stride, .padding = 0}, Bias::no>;
  using Activation0 = Recomputed<Part<"bn0", detail::WideNormRelu>>;
  using Activation1 = Recomputed<Part<"bn1", detail::WideNormRelu>>;
  using Conv1 = Part<"conv1", Conv3x3<1>>;

  using BeginsGroup =
      Sequential<Activation0,
                 Part<"", Residual<Sequential<Part<"conv0", Conv3x3<Stride>>, Activation1, Conv1>, Projection>>>;
  using Continues = Residual<Sequential<Activation0, Part<"conv0", Conv3x3<1>>, Activation1, Conv1>>;

 public:
  template <Shape In>
  using layers = std::conditional_t<In.channels() == Channels, Continues, BeginsGroup>;
};

/// Whether a net shows the attention map of every group (AttentionMap), for AttentionTransfer to look at.
enum class Shows { nothing, attention };

/// A wide residual net WRN-Depth-Width (Zagoruyko, Komodakis 2016): a 3x3 convolution to 16 channels, three groups of
/// (Depth - 4) / 6 blocks with 16, 32 and 64 times Width channels, the second and third beginning with stride 2, then
/// batch normalisation, ReLU, the mean over all positions, a dense classifier.
///
/// Two nets of one pair share by name what both have of the groups: the convolutions of "group0.0", "group0.1", ... and
/// their "shortcut". BatchNorm stays private: "light.group0.0.bn0.scale", "light.bn.scale"; so does
/// "light.classifier.weight".
///
/// \tparam Groups how many of the three groups: the light net of a Bottom pair ends before the last one
/// \tparam What   whether attention maps are shown
template <int Depth, int Width = 1, int Groups = 3, Shows What = Shows::nothing>
class WideResNet {
  static constexpr bool whole = Depth >= 10 && (Depth - 4) % 6 == 0;
  static constexpr bool there = Width >= 1 && Groups >= 1 && Groups <= 3;
  static_assert(detail::DepthMakesWholeBlocks<WideResNet, Got<Depth>, whole>::ok);
  static_assert(detail::WidthAndGroupsAreThere<WideResNet, Got<Width, Groups>, there>::ok);

 public:
  static constexpr int blocks = (Depth - 4) / 6;  ///< in a group

  /// The first convolution, the trunk of a pair.
  using Stem = Part<"conv0", Conv2d<16, Window{.size = 3, .stride = 1, .padding = 1}, Bias::no>>;

 private:
  template <FixedString Name, int Channels, int Stride>
  using Blocks = Named<Name, Repeat<blocks, WideBlock<Channels * Width, Stride>>>;
  template <class Group>
  using Shown = std::conditional_t<What == Shows::attention, Sequential<Group, AttentionMap>, Group>;
  using Group0 = Shown<Blocks<"group0", 16, 1>>;
  using Group1 = Shown<Blocks<"group1", 32, 2>>;
  using Group2 = Shown<Blocks<"group2", 64, 2>>;

  template <int Classes, class... Group>
  using Ending =
      Sequential<Group..., Part<"bn", detail::WideNormRelu>, GlobalAveragePool, Part<"classifier", Dense<Classes>>>;

 public:
  /// Everything behind the stem: a head of a pair.
  template <int Classes>
  using Body = std::conditional_t<
      Groups == 1, Ending<Classes, Group0>,
      std::conditional_t<Groups == 2, Ending<Classes, Group0, Group1>, Ending<Classes, Group0, Group1, Group2>>>;

  /// The same without its last group.
  using Shorter = WideResNet<Depth, Width, Groups - 1, What>;
};

/// A pair whose nets are called `light` and `booster`, on the stem's activations; of the groups they share, by name,
/// the blocks that both have. Rocket-interval (Zhou et al. 2018): the light net has fewer blocks in every group, all of
/// them the booster's first ones, and owns no convolution.
///
///     Interval<Input<32, 32, 3>, 10, WideResNet<16>, WideResNet<40>>
///
/// Widths may differ only where no name means two shapes; where one does, the compiler says which.
template <class InputShape, int Classes, class Light, class Booster, class T = float>
using Interval = Launch<InputShape, typename Booster::Stem, typename Light::template Body<Classes>,
                        typename Booster::template Body<Classes>, T>;

/// Rocket-bottom (Zhou et al. 2018): the light net is the booster without its last group, and a classifier of its own.
///
///     Bottom<Input<32, 32, 3>, 10, WideResNet<40>>
template <class InputShape, int Classes, class Booster, class T = float>
using Bottom = Interval<InputShape, Classes, typename Booster::Shorter, Booster, T>;

}  // namespace rocket
