# Draws roofline.csv as roofline.svg:  gnuplot roofline.gp
# Other places, another terminal:  gnuplot -e "data='FILE'; picture='FILE.png'; terminal='pngcairo'" roofline.gp
if (!exists("data")) data = 'roofline.csv'
if (!exists("picture")) picture = 'roofline.svg'
if (!exists("terminal")) terminal = 'svg'

set datafile separator ','
set datafile columnheaders
ceiling(name, column) = strcol(1) eq 'ceiling' && strcol(2) eq name ? column : NaN
stats data using (ceiling('peak', $4)) nooutput name 'peak'
stats data using (ceiling('L1', $5)) nooutput name 'L1'
stats data using (ceiling('L2', $5)) nooutput name 'L2'
stats data using (ceiling('L3', $5)) nooutput name 'L3'
stats data using (ceiling('memory', $5)) nooutput name 'memory'
peak = peak_max

set terminal terminal size 1000, 640 font 'sans,12' background 'white'
set output picture
set logscale xy
set xrange [0.03:300]
set yrange [1:4 * peak]  # Winograd's convolutions pass the ceiling
set xlabel 'arithmetic intensity: floating-point operations a byte that must be touched'
set ylabel 'GFLOP/s, one thread'
set key bottom right
set grid xtics ytics lt 1 lw 0.5 lc rgb '#dddddd'
set tics nomirror
set samples 2000  # sharp corners

set label 1 sprintf('multiply-adds in registers: %.0f GFLOP/s', peak) at 0.04, peak * 1.15 tc rgb '#333333'
roof(x, bandwidth) = x * bandwidth < peak ? x * bandwidth : peak

# The numbers of rows whose kind begins so.
of(word) = strcol(1)[1:strlen(word)] eq word ? $3 : NaN
brown = '#b35900'

plot \
  roof(x, L1_max) lc rgb '#cccccc' lw 1.5 title sprintf('L1 %.0f GB/s', L1_max), \
  roof(x, L2_max) lc rgb '#aaaaaa' lw 1.5 title sprintf('L2 %.0f GB/s', L2_max), \
  roof(x, L3_max) lc rgb '#777777' lw 1.5 title sprintf('L3 %.0f GB/s', L3_max), \
  roof(x, memory_max) lc rgb '#000000' lw 2.5 title sprintf('memory %.0f GB/s', memory_max), \
  data using (of('conv forward')):4 pt 7 ps 0.9 lc rgb '#1f77b4' title 'convolution, forward', \
  data using (of('conv input')):4 pt 5 ps 0.9 lc rgb '#2ca02c' title 'convolution, input gradient', \
  data using (of('conv weight')):4 pt 9 ps 1.1 lc rgb '#d62728' title 'convolution, weight gradient', \
  data using (of('dense')):4 pt 13 ps 1.2 lc rgb '#9467bd' title 'dense, all passes', \
  data using (of('other')):4 pt 11 ps 1.1 lc rgb '#ff7f0e' title 'what is no product', \
  data using (of('other forward')):4:2 with labels right offset -1, 0 font ',9' tc rgb brown notitle, \
  data using (of('other backward')):4:2 with labels left offset 1, 0 font ',9' tc rgb brown notitle
