# Draws the learning curves of the fifteen epochs as cifar10-15.svg:  gnuplot cifar10-15.gp, in this folder
modes = 'base rocket-no-hint rocket'
names = '"WRN-16-1 alone" "joint training, no hint" "rocket"'
colours = '#1f77b4 #2ca02c #d62728'
file(i) = 'cifar10-'.word(modes, i).'-15.csv'
colour(i) = word(colours, i)
epoch(i) = column('epoch') + 0.12 * (i - 2)  # side by side
light(i) = 100 * column('light_test_error')
booster(i) = 100 * column('booster_test_error')

set terminal svg size 800, 440 font 'sans,12' background 'white'
set output 'cifar10-15.svg'
set datafile separator ','
set xlabel 'epoch'
set ylabel 'test error in %: means and single seeds'
set xrange [0.5:15.5]
set yrange [12:60]
set logscale y  # the ends of the curves lie close together
set xtics 1
set ytics (12, 13, 14, 15, 16, 18, 20, 25, 30, 40, 50, 60)
set grid ytics lt 1 lw 0.5 lc rgb '#dddddd'
set tics nomirror

plot \
  for [i = 1:3] file(i) using (epoch(i)):(light(i)) pt 7 ps 0.3 lc rgb colour(i) notitle, \
  for [i = 1:3] file(i) using (epoch(i)):(light(i)) smooth unique with lines lw 2 lc rgb colour(i) \
    title word(names, i).', light net', \
  for [i = 2:3] file(i) using (epoch(i)):(booster(i)) smooth unique with lines dt 2 lc rgb colour(i) \
    title word(names, i).', booster'
