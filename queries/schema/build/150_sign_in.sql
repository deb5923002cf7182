create table sign_in (  -- one row per person while self-service is on: the mark by which a sign-in finds them
    mark varchar not null,
    person_no integer not null
);
