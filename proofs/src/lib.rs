//! What is proven of the policies, by solver.
