//! The application: one way in for every act, sign-in, sessions, the clock's edge.
