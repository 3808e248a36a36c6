/* What MPI's own blocking sum takes, to compare `cloudmask bench allreduce` with.
 *   mpicc -O2 -o build/mpi_allreduce bench/mpi_allreduce.c && mpirun -n 2 --bind-to none build/mpi_allreduce */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  enum { kLargest = 16 << 20, kRepetitions = 21 };
  MPI_Init(&argc, &argv);
  int rank = 0, size = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  float* values = calloc(kLargest, sizeof(float));
  for (int count = 1; count <= kLargest; count *= 4) {
    double times_s[kRepetitions];
    for (int i = -2; i < kRepetitions; ++i) {
      const double start_s = MPI_Wtime();
      MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
      if (i >= 0) times_s[i] = MPI_Wtime() - start_s;
    }
    qsort(times_s, kRepetitions, sizeof(double), compare);
    const double time_s = times_s[kRepetitions / 2];
    const double wire = 2.0 * (size - 1) / size * count * sizeof(float) / time_s;
    if (rank == 0) printf("%10zu B %12.1f us %10.1f MB/s\n", count * sizeof(float), time_s * 1e6, wire * 1e-6);
  }
  free(values);
  MPI_Finalize();
  return 0;
}
