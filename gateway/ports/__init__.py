"""What the services need of the world, in the services' own words. Drivers fit by shape; nothing here runs."""
